import { create } from 'zustand';
import type { Recipe } from '../recipe/schema';
import { runName } from '../runs/names';
import { runOver } from '../runs/lock';
import { deleteRun, interruptRun, listRuns, renameRun } from '../runs/store';
import type { Run, StoredRun } from '../runs/types';
import type { DamagedRecord } from '../storage/records';
import { WorkerCrash, messageOf } from '../protocol/errors';
import type { RunPhase, TrainingEvent, UnstoredWeights } from '../protocol/protocol';
import { useChosenWeights } from './chosenWeights';
import { client } from './client';
import { afterEvent, newLiveRun, type LiveRun } from './liveRun';
import { keepAwake } from './wakeLock';

/** The run in progress in a few numbers, for the rail. */
export interface ActiveRun {
  readonly runId: string;
  readonly name: string;
  readonly step: number;
  /** 0 until the run is planned. */
  readonly totalSteps: number;
  /** Loss of the newest step; null before the first. */
  readonly loss: number | null;
  readonly phase: RunPhase;
  readonly secondsLeft: number | null;
}

/** What the page has asked of the run in progress and the worker has not answered yet. */
export type Control = 'pause' | 'resume' | 'stop' | 'evaluateNow';

/** A stop that waits for a stretch without progress. */
export interface StopWithoutGain {
  readonly steps: number;
  /** Step at which it was asked for. */
  readonly since: number;
}

interface RunState {
  /** The run in progress, or the one that ended last in this tab. */
  readonly live: LiveRun | null;
  readonly active: ActiveRun | null;
  readonly asked: Control | null;
  /** The run in progress is stopped once it has gone so many steps without a better evaluation; null: never. */
  readonly stopWithoutGain: StopWithoutGain | null;
  /** All stored runs, newest first; null until they have been read. */
  readonly runs: readonly StoredRun[] | null;
  /** Records that cannot be read as runs any more. */
  readonly damaged: readonly DamagedRecord[];
  /** Weights that a full disk left in the worker's memory alone, by run. */
  readonly unstored: ReadonlyMap<string, UnstoredWeights>;
  /** Why the last action on runs failed, for the user. */
  readonly problem: string | null;
  /** Starts a run and returns its id; the rest comes as events. A run in progress in this tab must have ended. */
  readonly start: (recipe: Recipe, datasetId: string) => string;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Stops after the step in flight; the weights are kept as the recipe says. */
  readonly stop: () => Promise<void>;
  readonly evaluateNow: () => Promise<void>;
  /** Stops the run in progress after so many steps without a better evaluation, counted from now; null takes it back. */
  readonly stopAfter: (steps: number | null) => void;
  readonly refresh: () => Promise<void>;
  readonly rename: (runId: string, name: string) => Promise<void>;
  readonly remove: (runId: string) => Promise<void>;
  readonly dismissProblem: () => void;
  /** Puts away the run that has ended, so that the page offers a new start. */
  readonly clear: () => void;
}

/** Least milliseconds between two showings of what the worker says, and of what is routine. */
const flushMs = 250;
/** After a showing the page is left alone for this many times as long as drawing it took, however slow the machine is. */
const restFactor = 2;

export const useRunStore = create<RunState>()((set, get) => {
  let waiting: TrainingEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let restUntil = 0;
  let sleep: () => void = () => undefined;

  /** Takes in all events that wait, in one change of the state. */
  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const events = waiting;
    waiting = [];
    const { live } = get();
    if (live === null) return;
    const next = events.reduce(afterEvent, live);
    if (next === live) return;
    restAfterDrawing();
    set({ live: next, active: activeOf(next) });
    if (next.end !== null && live.end === null) ended();
    else if (hasStalled(next, get().stopWithoutGain)) {
      set({ stopWithoutGain: null });
      void get().stop();
    }
  }

  /** Charts are drawn in the task that changes the state; what comes next is held back until the page has had time for all else. */
  function restAfterDrawing(): void {
    const began = performance.now();
    restUntil = began + flushMs;
    setTimeout(() => {
      const drawn = performance.now();
      restUntil = Math.max(restUntil, drawn + restFactor * (drawn - began));
    });
  }

  function receive(event: TrainingEvent): void {
    waiting.push(event);
    const routine = event.type === 'steps' || (event.type === 'phase' && event.phase === get().live?.phase);
    const rest = restUntil - performance.now();
    if (event.type === 'ended' || (!routine && rest <= 0)) flush();
    else timer ??= setTimeout(flush, routine ? Math.max(flushMs, rest) : rest);
  }

  function ended(): void {
    sleep();
    window.removeEventListener('beforeunload', askBeforeLeaving);
    set({ asked: null, stopWithoutGain: null });
    void get().refresh();
  }

  async function ask(control: Control): Promise<void> {
    set({ asked: control, problem: null });
    try {
      await client.request(control, {});
    } catch (error) {
      set({ problem: messageOf(error) });
    } finally {
      if (get().asked === control) set({ asked: null });
    }
  }

  /** Actions on stored runs: what goes wrong is shown, and the list is read again either way. */
  async function change(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      set({ problem: messageOf(error) });
    }
    await get().refresh();
  }

  /** Runs of other tabs whose end is waited for. */
  const awaited = new Set<string>();

  /** Reads the list again when a run of another tab has ended. */
  function followOtherTabs(runs: readonly Run[]): void {
    for (const { id, state } of runs) {
      if (state !== 'running' || id === get().active?.runId || awaited.has(id)) continue;
      awaited.add(id);
      void runOver(id).then(() => {
        awaited.delete(id);
        void get().refresh();
      });
    }
  }

  /** Ends a run with a failure that the worker could not report as an event: it died, or refused to begin. */
  async function brokeOff(runId: string, error: unknown): Promise<void> {
    const died = error instanceof WorkerCrash;
    // Where it cannot be written down, what the record says of runs without an end must do.
    if (died) await interruptRun(runId, error.what).catch(() => undefined);
    receive({
      type: 'ended',
      runId,
      reason: died ? 'interrupted' : 'failed',
      message: messageOf(error),
      bestStep: get().live?.bestStep ?? null,
    });
  }

  client.onEvent(receive);
  // Weights that were in its memory alone are gone with the worker.
  client.crashed(() => {
    if (get().unstored.size === 0) return;
    set({ unstored: new Map() });
    void get().refresh();
  });

  return {
    live: null,
    active: null,
    asked: null,
    stopWithoutGain: null,
    runs: null,
    damaged: [],
    unstored: new Map(),
    problem: null,

    start(recipe, datasetId) {
      const taken = new Set(get().runs?.map((run) => run.name));
      const asked = { runId: crypto.randomUUID(), name: runName(taken), recipe, datasetId };
      const live = newLiveRun(asked);
      waiting = [];
      useChosenWeights.getState().choose(null);
      set({ live, active: activeOf(live), asked: null, stopWithoutGain: null, problem: null });
      sleep = keepAwake();
      window.addEventListener('beforeunload', askBeforeLeaving);
      client.request('train', asked).then(
        ({ runId, unstored }) => {
          if (unstored === null) return;
          set({ unstored: new Map(get().unstored).set(runId, unstored) });
          void get().refresh();
        },
        (error: unknown) => void brokeOff(asked.runId, error),
      );
      return asked.runId;
    },

    pause: () => ask('pause'),
    resume: () => ask('resume'),
    stop: () => ask('stop'),
    evaluateNow: () => ask('evaluateNow'),
    stopAfter: (steps) =>
      set({ stopWithoutGain: steps === null ? null : { steps, since: get().live?.metrics.last('step') ?? 0 } }),

    async refresh() {
      try {
        const { items, damaged } = await listRuns();
        // The worker goes by the weights that it holds, and so does the page.
        const runs = items.map((run) => ({ ...run, ...get().unstored.get(run.id) }));
        set({ runs, damaged });
        followOtherTabs(runs);
      } catch (error) {
        set({ runs: get().runs ?? [], problem: messageOf(error) });
      }
    },
    rename: (runId, name) => change(() => renameRun(runId, name)),
    remove: (runId) => change(() => deleteRun(runId)),
    dismissProblem: () => set({ problem: null }),
    clear() {
      if (get().active === null) set({ live: null });
    },
  };
});

function activeOf(live: LiveRun): ActiveRun | null {
  if (live.end !== null) return null;
  const { runId, name, metrics, totalSteps, phase, secondsLeft } = live;
  return { runId, name, step: metrics.last('step') ?? 0, totalSteps, loss: metrics.last('loss'), phase, secondsLeft };
}

/** True when a run has gone long enough without a better evaluation. */
function hasStalled({ metrics, bestStep, end }: LiveRun, rule: StopWithoutGain | null): boolean {
  if (rule === null || end !== null) return false;
  return (metrics.last('step') ?? 0) >= Math.max(bestStep ?? 0, rule.since) + rule.steps;
}

/** The browser asks whether to leave; training would end with the page. */
function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
