import { create } from 'zustand';
import { messageOf } from '../protocol/errors';
import { checkpointSteps } from '../runs/checkpoint-list';
import { runOver, runsInProgress } from '../runs/lock';
import { readRun } from '../runs/store';
import type { StoredRun } from '../runs/types';
import type { DamagedRecord } from '../storage/records';
import {
  nextShare,
  nextStep,
  settled,
  trialRecipe,
  withNewTrial,
  withTrial,
  type NextStep,
  type TrialEnd,
} from '../sweeps/course';
import { asDriver, drivenSweeps, sweepFree } from '../sweeps/lock';
import { isWeak } from '../sweeps/median';
import { measuredBy } from '../sweeps/objective';
import { deleteSweep, listSweeps, putSweep } from '../sweeps/store';
import type { Sweep, SweepPlan } from '../sweeps/types';
import { notifyOfEnd } from './manners';
import { useRunStore } from './run';

interface SweepsState {
  /** All sweeps, newest first; null until they have been read. */
  readonly sweeps: readonly Sweep[] | null;
  /** Records that cannot be read as sweeps any more. */
  readonly damaged: readonly DamagedRecord[];
  /** Id of the sweep whose trials this tab trains; null where it trains none. */
  readonly driven: string | null;
  /** Sweeps whose trials other tabs train. */
  readonly elsewhere: ReadonlySet<string>;
  /** Why the last action failed, for the user. */
  readonly problem: string | null;
  readonly refresh: () => Promise<void>;
  /** Stores a sweep, begins its first trial, and gives its id; null where it could not be stored. */
  readonly start: (plan: SweepPlan) => Promise<string | null>;
  /** Goes on with a sweep that was held, interrupted, or has ended and was given more to spend. */
  readonly goOn: (id: string) => Promise<void>;
  /** Begins no further trial. One in progress comes to its end, or its rung. */
  readonly hold: (id: string) => Promise<void>;
  /** Gives a sweep so much more to spend, in the unit of its budget, and goes on with it. */
  readonly extend: (id: string, amount: number) => Promise<void>;
  /** Gives a sweep another name, unless another tab drives it, which would write the old one over it. */
  readonly rename: (id: string, name: string) => Promise<void>;
  /** Removes a sweep that no tab drives; its runs stay. */
  readonly remove: (id: string) => Promise<void>;
}

/** So many trials in a row that could not even begin have one cause, which further ones would not get round. */
const mostRefused = 3;

/** Name of the channel over which a tab tells the others that a sweep has changed. */
const channelName = 'vernier-sweeps';

export const useSweeps = create<SweepsState>()((set, get) => {
  const others = 'BroadcastChannel' in globalThis ? new BroadcastChannel(channelName) : null;
  others?.addEventListener('message', () => void get().refresh());
  /** Lets go of the sweep that this tab drives. */
  let letGo: () => void = () => undefined;
  /** What trials in a row were told that could not even begin. */
  let refusals: string[] = [];
  /** The run that was stopped for doing worse than earlier ones. */
  let weak: string | null = null;
  /** What is done with a sweep is done one after the other. */
  let turn: Promise<unknown> = Promise.resolve();

  const find = (id: string): Sweep | null => get().sweeps?.find((sweep) => sweep.id === id) ?? null;

  /** Sweeps as this tab has them where storage did not take them, and what the page says of it. */
  const unstored = new Map<string, Sweep>();
  let told: string | null = null;

  /** Stores a sweep. One that is under way goes on by what this tab knows of it where storage does not take it. */
  async function put(sweep: Sweep): Promise<void> {
    try {
      await putSweep(sweep);
      isStored(sweep.id);
    } catch (error) {
      if (find(sweep.id) === null) throw error;
      unstored.set(sweep.id, sweep);
      told = `${messageOf(error)} What “${sweep.name}” has come to since is in memory and lasts as long as this tab; storing is tried again.`;
      set({ problem: told });
    }
    const rest = (get().sweeps ?? []).filter(({ id }) => id !== sweep.id);
    set({ sweeps: [...rest, sweep].sort((a, b) => b.createdAt - a.createdAt) });
    others?.postMessage(sweep.id);
  }

  function isStored(id: string): void {
    unstored.delete(id);
    if (unstored.size === 0 && get().problem === told) set({ problem: null });
  }

  /** Stores what storage did not take before; what another tab is at work on by now, that tab knows better. */
  async function storeLeft(theirs: readonly string[]): Promise<void> {
    for (const [id, sweep] of [...unstored]) {
      const stored =
        theirs.includes(id) ||
        (await putSweep(sweep)
          .then(() => true)
          .catch(() => false));
      if (stored && unstored.get(id) === sweep) isStored(id);
    }
  }

  /** Sweeps of other tabs whose end is waited for. */
  const awaited = new Set<string>();

  /** Reads the sweeps again when another tab lets go of one, however it goes. */
  function followOthers(ids: readonly string[]): void {
    for (const id of ids) {
      if (awaited.has(id)) continue;
      awaited.add(id);
      void sweepFree(id).then(() => {
        awaited.delete(id);
        void get().refresh();
      });
    }
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work).catch((error: unknown) => set({ problem: messageOf(error) }));
    turn = done;
    return done;
  }

  /** Makes this tab the one that trains the trials of a sweep, unless another does. */
  async function drive(id: string): Promise<boolean> {
    const done = get().driven === null ? await asDriver(id, () => others?.postMessage(id)) : null;
    if (done === null) {
      const where = get().driven === null ? 'Another tab' : 'This tab';
      set({ problem: `${where} is at work on a sweep. Wait for its end, or hold it there.` });
      await get().refresh();
      return false;
    }
    letGo = done;
    refusals = [];
    set({ driven: id, problem: null });
    return true;
  }

  function release(): void {
    set({ driven: null });
    letGo();
  }

  /** Takes the next step of the sweep that this tab drives, unless a run is in progress. */
  async function advance(): Promise<void> {
    const sweep = find(get().driven ?? '');
    if (sweep === null || useRunStore.getState().active !== null) return;
    if (sweep.state !== 'running') {
      release();
      return;
    }
    if (await waitsForOthers()) return;
    const [refusal] = refusals;
    if (refusal !== undefined && refusals.length >= mostRefused && refusals.every((each) => each === refusal)) {
      return end({ ...sweep, state: 'held', message: `${mostRefused} trials in a row could not begin. ${refusal}` });
    }
    const next = nextStep(sweep);
    if (next.kind === 'end') {
      notifyOfEnd(sweep.name, next.why);
      return end({ ...sweep, state: 'ended', message: next.why });
    }
    await take(sweep, next);
  }

  async function end(sweep: Sweep): Promise<void> {
    await put(sweep);
    release();
  }

  async function take(sweep: Sweep, next: Exclude<NextStep, { kind: 'end' }>): Promise<void> {
    if (next.kind === 'begin')
      return begin(sweep, withNewTrial(sweep, next.values, crypto.randomUUID()), sweep.trials.length);
    const { number } = next;
    const trial = sweep.trials[number];
    if (trial === undefined) return;
    const { runId } = trial;
    const run = await readRun(runId);
    if (next.kind === 'take-up' && run !== null && run.state !== 'interrupted' && run.state !== 'running') {
      // It had come to its end, and the page had not heard of it any more.
      await put(settled(sweep, number, endOf(run)));
      return advance();
    }
    const going = withTrial(sweep, number, { state: 'running', message: '' });
    if (run !== null && (await checkpointSteps(runId)).length > 0) {
      await put(going);
      await useRunStore.getState().goOn(runId, undefined, nextShare(sweep, trial));
      const { active, problem } = useRunStore.getState();
      if (active !== null) return;
      await put(settled(going, number, { reason: 'failed', message: problem ?? 'It could not go on.', run }));
      return advance();
    }
    // Without a checkpoint it begins anew, to the same result. What was left of it is kept where somebody has written to it.
    if (run !== null && run.remarks === '' && run.tags.length === 0) await useRunStore.getState().remove(runId);
    return begin(sweep, withTrial(going, number, { runId: crypto.randomUUID() }), number);
  }

  /** Writes a trial down before it begins, so that no run is of a trial that nobody knows. */
  async function begin(before: Sweep, sweep: Sweep, number: number): Promise<void> {
    const trial = sweep.trials[number];
    if (trial === undefined) return;
    await put(sweep);
    useRunStore.getState().start(trialRecipe(sweep, trial.values), sweep.dataset.id, {
      runId: trial.runId,
      sweep: { id: sweep.id, trial: number + 1 },
      until: nextShare(before, trial),
    });
  }

  /** Whether another tab trains, after whose run it goes on here. */
  async function waitsForOthers(): Promise<boolean> {
    const [theirs] = (await runsInProgress()) ?? [];
    if (theirs === undefined) return false;
    void runOver(theirs).then(() => inTurn(advance));
    return true;
  }

  /** Takes in how the run in progress has ended, and goes on. */
  async function runEnded(): Promise<void> {
    const { live, active, restart, discarding } = useRunStore.getState();
    const sweep = find(get().driven ?? '');
    if (sweep === null || active !== null || restart !== null || discarding !== null) return;
    const number = sweep.trials.findIndex(({ state }) => state === 'running');
    const trial = sweep.trials[number];
    if (trial !== undefined) {
      const run = await readRun(trial.runId);
      const heard = live?.runId === trial.runId ? live.end : null;
      const message = trial.runId === weak ? weakMessage : (heard?.message ?? '');
      const end = heard === null ? endOf(run) : { reason: heard.reason, message, run };
      const refused = end.reason === 'failed' && run === null;
      refusals = refused ? [...refusals.slice(1 - mostRefused), end.message] : [];
      await put(settled(sweep, number, end));
    }
    await advance();
  }

  /** Stops the trial in progress where it does worse than half of the earlier ones, if that is wanted. */
  function stopIfWeak(): void {
    const sweep = find(get().driven ?? '');
    const objective = sweep === null ? null : measuredBy(sweep);
    const { live, active, runs, stop } = useRunStore.getState();
    if (sweep === null || objective === null || live === null || active === null || live.runId === weak) return;
    if (!sweep.stopWeak || !sweep.trials.some(({ runId, state }) => runId === live.runId && state === 'running'))
      return;
    const ended = new Set(sweep.trials.flatMap(({ runId, state }) => (state === 'finished' ? [runId] : [])));
    const earlier = (runs ?? []).filter(({ id }) => ended.has(id));
    if (!isWeak(live, earlier, objective)) return;
    weak = live.runId;
    void stop();
  }

  useRunStore.subscribe((now, before) => {
    if (now.live?.evaluations !== before.live?.evaluations) stopIfWeak();
    if (get().driven === null || now.active !== null || now.restart !== null || now.discarding !== null) return;
    const ended = before.active !== null || before.restart !== null || before.discarding !== null;
    // What else follows the end of a run has its turn first.
    if (ended) setTimeout(() => void inTurn(runEnded));
  });

  return {
    sweeps: null,
    damaged: [],
    driven: null,
    elsewhere: new Set(),
    problem: null,

    async refresh() {
      try {
        const held = await drivenSweeps();
        const theirs = held.filter((id) => id !== get().driven);
        await storeLeft(theirs);
        const { items, damaged } = await listSweeps();
        const { driven } = get();
        // What this tab is at work on it knows better than what was read a moment ago.
        const sweeps = items.map(
          (sweep) => unstored.get(sweep.id) ?? (sweep.id === driven ? (find(sweep.id) ?? sweep) : sweep),
        );
        set({ sweeps, damaged, elsewhere: new Set(theirs) });
        followOthers(theirs);
      } catch (error) {
        set({ sweeps: get().sweeps ?? [], problem: messageOf(error) });
      }
    },

    async start(plan) {
      const id = crypto.randomUUID();
      const begun = { createdAt: Date.now(), state: 'running', message: '', measuredBy: null, trials: [] } as const;
      await inTurn(async () => {
        if (!(await drive(id))) return;
        try {
          await put({ ...plan, id, ...begun, trials: [] });
        } catch (error) {
          release();
          throw error;
        }
        await advance();
      });
      return find(id) === null ? null : id;
    },

    goOn: (id) =>
      inTurn(async () => {
        if (get().driven !== id && !(await drive(id))) return;
        const sweep = unstored.get(id) ?? (await listSweeps()).items.find((each) => each.id === id);
        if (sweep === undefined) return release();
        refusals = [];
        await put({ ...sweep, state: 'running', message: '' });
        await advance();
      }),

    hold: (id) =>
      inTurn(async () => {
        const sweep = find(id);
        if (sweep === null || sweep.state !== 'running') return;
        await put({ ...sweep, state: 'held', message: 'You held it.' });
        await advance();
      }),

    async extend(id, amount) {
      await inTurn(async () => {
        const sweep = find(id);
        if (sweep === null) return;
        await put({ ...sweep, budget: { ...sweep.budget, amount: sweep.budget.amount + amount } });
      });
      await get().goOn(id);
    },

    rename: (id, name) =>
      inTurn(async () => {
        const theirs = (await drivenSweeps()).filter((each) => each !== get().driven);
        if (theirs.includes(id)) {
          set({ problem: 'Another tab is at work on this sweep. It can be renamed there, or after its end.' });
          return;
        }
        const sweep = find(id);
        if (sweep !== null) await put({ ...sweep, name });
      }),

    remove: (id) =>
      inTurn(async () => {
        if ((await drivenSweeps()).includes(id)) return;
        await deleteSweep(id);
        isStored(id);
        set({ sweeps: get().sweeps?.filter((sweep) => sweep.id !== id) ?? null });
        others?.postMessage(id);
      }),
  };
});

const weakMessage = 'Stopped as weak: half of the earlier trials did better at the same place.';

/** How a stored run has ended; one that is gone was discarded. */
function endOf(run: StoredRun | null): TrialEnd {
  if (run === null) return { reason: 'stopped', message: 'Its run was deleted.', run };
  return { reason: run.state === 'running' ? 'interrupted' : run.state, message: run.message, run };
}
