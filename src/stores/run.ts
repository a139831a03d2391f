import { create } from 'zustand';
import type { Recipe } from '../recipe/schema';
import { runName } from '../runs/names';
import { runOver } from '../runs/lock';
import { checkpointSteps, newestCheckpoints, noCheckpoint } from '../runs/checkpoint-list';
import { deleteRun, interruptRun, listRuns, readMetrics, readRun } from '../runs/store';
import type { Run, RunWords, StoredRun } from '../runs/types';
import type { DamagedRecord } from '../storage/records';
import { StudioError, WorkerCrash, messageOf } from '../protocol/errors';
import type { Requests } from '../protocol/protocol';
import type { RunChange, StopKeeping, UnstoredWeights } from '../protocol/run-control';
import type { SweepTrial } from '../protocol/sweep-trial';
import type { RunPhase, TrainingEvent } from '../protocol/training';
import { useChosenWeights } from './chosenWeights';
import { client } from './client';
import { afterEvent, continuedRun, newLiveRun, runEventsChannel, type LiveRun } from './liveRun';
import { MetricColumns } from './metricColumns';
import { notifyOfEnd, remindWorker } from './manners';
import { writeWords, withWords } from './runWords';
import { keepAwake } from './wakeLock';

export type { StoredRun };

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
export type Control = 'pause' | 'resume' | 'stop' | 'evaluateNow' | 'cancelEvaluation' | 'checkpointNow' | 'changeRun';

/** A stop that waits for a stretch without progress. */
export interface StopWithoutGain {
  readonly steps: number;
  /** Step at which it was asked for. */
  readonly since: number;
}

/** A run whose GPU or worker was lost, and that goes on by itself. */
export interface Restart {
  readonly runId: string;
  /** Step that it goes on from; 0: it begins once more. */
  readonly step: number;
  /** Seconds until then. */
  readonly seconds: number;
}

/** What makes a run the trial of a sweep. */
export interface TrialPart {
  readonly runId: string;
  readonly sweep: SweepTrial;
  /** Share of its length after which it stops and waits. */
  readonly until: number;
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
  /** The newest step of which runs have a checkpoint, by their ids. */
  readonly checkpoints: ReadonlyMap<string, number>;
  readonly restart: Restart | null;
  /** A run that was lost so often at one place that it does not go on by itself any more, and how often. */
  readonly givenUp: { readonly runId: string; readonly times: number } | null;
  /** Id of the run that is deleted as soon as it has stopped. */
  readonly discarding: string | null;
  /** Records that cannot be read as runs any more. */
  readonly damaged: readonly DamagedRecord[];
  /** Weights that a full disk left in the worker's memory alone, by run. */
  readonly unstored: ReadonlyMap<string, UnstoredWeights>;
  /** Why the last action on runs failed, for the user. */
  readonly problem: string | null;
  /** Starts a run and returns its id; the rest comes as events. A run in progress in this tab must have ended. */
  readonly start: (recipe: Recipe, datasetId: string, trial?: TrialPart) => string;
  /** Goes on with a stored run from its newest checkpoint, with changes from there on, or `until` a share of its length. */
  readonly goOn: (runId: string, change?: RunChange, until?: number) => Promise<void>;
  /** Starts a new run where the newest checkpoint of a stored one lies, which stays as it is. */
  readonly branch: (runId: string, change: RunChange) => Promise<void>;
  /** Leaves a run that would go on by itself as it is. */
  readonly cancelRestart: () => void;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Stops after the step in flight; unless it is said otherwise, the weights are kept as the recipe says. */
  readonly stop: (keep?: Exclude<StopKeeping, 'nothing'>) => Promise<void>;
  /** Stops the run in progress and deletes it. */
  readonly discard: () => Promise<void>;
  /** Changes rate or length of the run in progress. */
  readonly changeRun: (change: RunChange) => Promise<void>;
  readonly evaluateNow: () => Promise<void>;
  readonly cancelEvaluation: () => Promise<void>;
  readonly checkpointNow: () => Promise<void>;
  /** Stops the run in progress after so many steps without a better evaluation, counted from now; null takes it back. */
  readonly stopAfter: (steps: number | null) => void;
  readonly refresh: () => Promise<void>;
  readonly rename: (runId: string, name: string) => Promise<void>;
  /** Writes down what the user says about a run. */
  readonly annotate: (runId: string, words: RunWords) => Promise<void>;
  readonly remove: (runId: string) => Promise<void>;
  readonly dismissProblem: () => void;
  /** Puts away the run that has ended, so that the page offers a new start. */
  readonly clear: () => void;
}

/** Seconds before a run goes on by itself, for each time in a row that it was lost without having come further. */
const backOff = [1, 5, 20] as const;

/** Least milliseconds between two showings of what the worker says, and of what is routine. */
const flushMs = 250;
/** After a showing the page is left alone for this many times as long as drawing it took, however slow the machine is. */
const restFactor = 2;

export const useRunStore = create<RunState>()((set, get) => {
  let waiting: TrainingEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let restUntil = 0;
  let sleep: () => void = () => undefined;
  let restarting: ReturnType<typeof setTimeout> | null = null;
  /** Where the run in progress went on by itself last, and how often in a row it has from there. */
  let restarts = { step: -1, times: 0 };
  /** Share of its length at which the run in progress stops, as the trial of a sweep; undefined in other runs. */
  let until: number | undefined;
  /** How often the list of runs was read, and which reading is shown: one that takes longer than a later one is out of date when it comes. */
  let readings = 0;
  let shown = 0;

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
    if (next.end !== null && live.end === null) ended(next);
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

  /** Other tabs, which watch. */
  const watchers = 'BroadcastChannel' in globalThis ? new BroadcastChannel(runEventsChannel) : null;
  // A run of another tab has begun or ended.
  watchers?.addEventListener('message', ({ data }: MessageEvent<TrainingEvent>) => {
    if (data.type === 'plan' || data.type === 'ended') void get().refresh();
  });

  function receive(event: TrainingEvent): void {
    watchers?.postMessage(event);
    waiting.push(event);
    const routine = event.type === 'steps' || (event.type === 'phase' && event.phase === get().live?.phase);
    const rest = restUntil - performance.now();
    if (event.type === 'ended' || (!routine && rest <= 0)) flush();
    else timer ??= setTimeout(flush, routine ? Math.max(flushMs, rest) : rest);
  }

  function ended({ runId, name, end, checkpoint, totalSteps }: LiveRun): void {
    sleep();
    window.removeEventListener('beforeunload', askBeforeLeaving);
    document.removeEventListener('visibilitychange', keepWhenHidden);
    set({ asked: null, stopWithoutGain: null });
    // It is stored once it is planned.
    const restarts = end?.lost === true && totalSteps > 0 && restartFrom(runId, checkpoint ?? 0);
    // Of trials it is told when their sweep has ended.
    if (!restarts && end !== null && get().discarding !== runId && until === undefined) notifyOfEnd(name, end.message);
    void get().refresh();
  }

  /**
   * A run whose GPU or worker is lost goes on by itself, unless it keeps being lost at one and the same place.
   *
   * @returns whether it does
   */
  function restartFrom(runId: string, step: number): boolean {
    restarts = { step, times: restarts.step === step ? restarts.times + 1 : 0 };
    const seconds = backOff[restarts.times];
    if (seconds === undefined) {
      set({ givenUp: { runId, times: restarts.times + 1 } });
      return false;
    }
    set({ restart: { runId, step, seconds } });
    restarting = setTimeout(
      () => void goOn(runId, { ...(until !== undefined && { until }), anyway: true }),
      1000 * seconds,
    );
    return true;
  }

  async function goOn(runId: string, asked: Omit<Requests['goOn']['params'], 'runId'>): Promise<void> {
    if (get().active !== null) return;
    until = asked.until;
    try {
      const [run, { rows }, [step]] = await Promise.all([readRun(runId), readMetrics(runId), checkpointSteps(runId)]);
      if (run === null || (step === undefined && asked.anyway !== true)) throw noCheckpoint(run?.name ?? 'This run');
      begin(continuedRun(run, MetricColumns.of(rows), step ?? 0));
      follow(runId, client.request('goOn', { runId, ...asked }));
    } catch (error) {
      set({ problem: messageOf(error), restart: null });
    }
  }

  /** Shows a run that the worker is about to be asked for. */
  function begin(live: LiveRun): void {
    get().cancelRestart();
    waiting = [];
    if (timer !== null) clearTimeout(timer);
    timer = null;
    restUntil = 0;
    useChosenWeights.getState().choose(null);
    set({ live, active: activeOf(live), asked: null, stopWithoutGain: null, problem: null, givenUp: null });
    sleep = keepAwake();
    remindWorker();
    window.addEventListener('beforeunload', askBeforeLeaving);
    document.addEventListener('visibilitychange', keepWhenHidden);
  }

  function follow(asked: string, answer: Promise<Requests['train']['result']>): void {
    answer.then(
      ({ runId, unstored }) => {
        if (get().discarding === runId) return void removeDiscarded(runId);
        if (unstored === null) return;
        set({ unstored: new Map(get().unstored).set(runId, unstored) });
        void get().refresh();
      },
      (error: unknown) => void brokeOff(asked, error),
    );
  }

  async function removeDiscarded(runId: string): Promise<void> {
    if (get().live?.runId === runId) set({ live: null, active: null });
    await get().remove(runId);
    set({ discarding: null });
  }

  async function ask<Asked extends Control>(control: Asked, params: Requests[Asked]['params']): Promise<void> {
    set({ asked: control, problem: null });
    try {
      await client.request(control, params);
    } catch (error) {
      set({ problem: messageOf(error) });
    } finally {
      if (get().asked === control) set({ asked: null });
    }
  }

  const nameOf = (runId: string): string => get().runs?.find(({ id }) => id === runId)?.name ?? 'a run';

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

  /** Ends a run with a failure that the worker could not report as an event: it died, lost its device before it trained, or refused to begin. */
  async function brokeOff(runId: string, error: unknown): Promise<void> {
    const died = error instanceof WorkerCrash;
    const lost = died || (error instanceof StudioError && error.code === 'device-lost');
    // Where it cannot be written down, what the record says of runs without an end must do.
    if (lost) await interruptRun(runId, died ? error.what : 'The graphics device was lost').catch(() => undefined);
    receive({
      type: 'ended',
      runId,
      reason: lost ? 'interrupted' : 'failed',
      message: messageOf(error),
      bestStep: get().live?.bestStep ?? null,
      lost,
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
    checkpoints: new Map(),
    restart: null,
    givenUp: null,
    discarding: null,
    damaged: [],
    unstored: new Map(),
    problem: null,

    start(recipe, datasetId, trial) {
      const taken = new Set(get().runs?.map((run) => run.name));
      const asked = { runId: crypto.randomUUID(), name: runName(taken), recipe, datasetId, ...trial };
      until = trial?.until;
      restarts = { step: -1, times: 0 };
      begin(newLiveRun(asked));
      follow(asked.runId, client.request('train', asked));
      return asked.runId;
    },

    goOn(runId, change, share) {
      restarts = { step: -1, times: 0 };
      return goOn(runId, { ...(change && { change }), ...(share && { until: share }) });
    },

    async branch(runId, change) {
      if (get().active !== null) return;
      try {
        const taken = new Set(get().runs?.map((run) => run.name));
        const { branchRun } = await import('../runs/branch');
        const branched = await branchRun(runId, { id: crypto.randomUUID(), name: runName(taken) });
        await get().goOn(branched, change);
      } catch (error) {
        set({ problem: messageOf(error) });
      }
    },

    cancelRestart() {
      if (restarting !== null) clearTimeout(restarting);
      restarting = null;
      set({ restart: null });
    },

    pause: () => ask('pause', {}),
    resume: () => ask('resume', {}),
    stop: (keep = 'as-planned') => ask('stop', { keep }),
    async discard() {
      set({ discarding: get().active?.runId ?? null });
      await ask('stop', { keep: 'nothing' });
      if (get().problem !== null) set({ discarding: null });
    },
    changeRun: (change) => ask('changeRun', change),
    evaluateNow: () => ask('evaluateNow', {}),
    cancelEvaluation: () => ask('cancelEvaluation', {}),
    checkpointNow: () => ask('checkpointNow', {}),
    stopAfter: (steps) =>
      set({ stopWithoutGain: steps === null ? null : { steps, since: get().live?.metrics.last('step') ?? 0 } }),

    async refresh() {
      const reading = ++readings;
      try {
        const [{ items, damaged }, checkpoints] = await Promise.all([listRuns(), newestCheckpoints()]);
        if (reading < shown) return;
        shown = reading;
        // The worker goes by the weights that it holds, and so does the page.
        const runs = items.map((run) => ({ ...withWords(run), ...get().unstored.get(run.id) }));
        set({ runs, damaged, checkpoints });
        followOtherTabs(runs);
      } catch (error) {
        set({ runs: get().runs ?? [], problem: messageOf(error) });
      }
    },
    rename: (runId, name) => get().annotate(runId, { name }),
    annotate: (runId, words) => change(() => writeWords(runId, nameOf(runId), words)),
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

/** A hidden page may be frozen or thrown away without a word. That it is not kept matters to nobody: the one before stays. */
function keepWhenHidden(): void {
  if (document.visibilityState === 'hidden') client.request('checkpointNow', {}).catch(() => undefined);
}

/** The browser asks whether to leave; training would end with the page. */
function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
