import type { Random } from './random';
import type { Victim } from './browser';

/** What can happen to a studio at any moment. */
export const kinds = [
  'reload',
  'close',
  'kill-browser',
  'kill-worker',
  'kill-gpu',
  'abort-transactions',
  'quota',
  'network',
  'clock',
  'freeze',
] as const;
export type Kind = (typeof kinds)[number];

/** What is over afterwards, and must be taken up again: all of the page, its worker, or nothing. */
export const ends: Record<Kind, 'page' | 'worker' | 'nothing'> = {
  reload: 'page',
  close: 'page',
  'kill-browser': 'page',
  'kill-worker': 'worker',
  'kill-gpu': 'worker',
  'abort-transactions': 'nothing',
  quota: 'nothing',
  network: 'nothing',
  clock: 'nothing',
  freeze: 'nothing',
};

const hour = 3_600_000;

/** Has it happen. Resolves when it is over, as far as it passes. */
export async function inflict(kind: Kind, victim: Victim, random: Random): Promise<void> {
  switch (kind) {
    case 'reload':
      return victim.reload();
    case 'close':
      return victim.closeTab();
    case 'kill-browser':
      return victim.kill();
    case 'kill-worker':
      for (let tries = 0; !(await victim.killWorker()); tries++) {
        if (tries === 50) throw new Error('There is no worker to be killed.');
        await pause(100);
      }
      return;
    case 'kill-gpu':
      if (!(await victim.killGpu())) throw new Error('There is no GPU process to be killed.');
      return;
    case 'abort-transactions':
      return victim.spoil({ aborts: Math.ceil(random.between(0, 8)) });
    case 'quota':
      await victim.limitStorage(true);
      await pause(random.between(200, 2500));
      return victim.limitStorage(false);
    case 'network':
      await victim.cutNetwork(true);
      await pause(random.between(200, 2500));
      return victim.cutNetwork(false);
    case 'clock':
      return victim.spoil({ date: random.between(-24, 24) * hour, time: random.between(0, 8) * hour });
    case 'freeze':
      return victim.freeze(random.between(300, 3000));
    default:
      return kind satisfies never;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
