import { create } from 'zustand';
import { client } from './client';

/** How training behaves towards the machine and its user. Remembered by the browser, for all runs. */
interface Manners {
  /** Leaves the device idle part of the time. */
  readonly gentle: boolean;
  /** A notification tells of the end of a run that nobody watches. */
  readonly notify: boolean;
  readonly change: (change: Partial<Pick<Manners, 'gentle' | 'notify'>>) => void;
}

const key = 'vernier-manners';

export const useManners = create<Manners>()((set, get) => ({
  ...remembered(),
  change(change) {
    set(change);
    const { gentle, notify } = get();
    try {
      localStorage.setItem(key, JSON.stringify({ gentle, notify }));
    } catch {
      // Storage is blocked: it holds for this visit.
    }
    if (change.gentle !== undefined) tellWorker(change.gentle);
  },
}));

/** Tells the worker that is about to train, which knows nothing of what an earlier one was told. */
export function remindWorker(): void {
  if (useManners.getState().gentle) tellWorker(true);
}

function tellWorker(gentle: boolean): void {
  client.request('beGentle', { gentle }).catch(() => undefined);
}

/** Asks whether notifications may be shown, and remembers that they are wanted if so. */
export async function askToNotify(): Promise<void> {
  if (!('Notification' in globalThis)) return;
  if ((await Notification.requestPermission()) === 'granted') useManners.getState().change({ notify: true });
}

/** Tells of the end of a run, where that is wanted and nobody sees the page. */
export function notifyOfEnd(name: string, message: string): void {
  if (!useManners.getState().notify || document.visibilityState === 'visible') return;
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  try {
    new Notification(name, { body: message, tag: name });
  } catch {
    // Some browsers allow them to service workers alone.
  }
}

function remembered(): Pick<Manners, 'gentle' | 'notify'> {
  let found: unknown = null;
  try {
    found = JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    // Blocked or damaged: as if nothing had been chosen.
  }
  const is = (name: string): boolean =>
    typeof found === 'object' && found !== null && Reflect.get(found, name) === true;
  return { gentle: is('gentle'), notify: is('notify') };
}
