import type { TrainingEvent } from '../protocol/training';
import { readMetrics, readRun } from '../runs/store';
import { afterEvent, runEventsChannel, storedLive, type LiveRun } from './liveRun';
import { MetricColumns } from './metricColumns';

/** Milliseconds between two showings. */
const showEvery = 250;
/** After so long, what was stored when the watching began is complete up to the first event that was heard: rows are written every two seconds. */
const settled = 3000;

/**
 * Watches a run that another tab trains: what is stored of it, and from then on every event that its tab hears.
 *
 * @param show is given the run as it is known, at most four times a second
 * @returns stops watching
 */
export function watchRun(runId: string, show: (live: LiveRun) => void): () => void {
  const heard: TrainingEvent[] = [];
  let live: LiveRun | null = null;
  let taken = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = false;
  /** Nothing is read again, so that what has been taken in need not be remembered. */
  let complete = false;

  const draw = (): void => {
    timer = null;
    if (live === null || stopped) return;
    live = heard.slice(taken).reduce(afterEvent, live);
    taken = heard.length;
    if (complete) forget();
    show(live);
  };
  const read = async (): Promise<void> => {
    const [run, { rows }] = await Promise.all([readRun(runId), readMetrics(runId)]);
    if (run === null || stopped) return;
    // What was heard meanwhile is newer, and said once more.
    live = storedLive(run, MetricColumns.of(rows));
    taken = 0;
    draw();
  };

  const channel = new BroadcastChannel(runEventsChannel);
  channel.onmessage = ({ data }: MessageEvent<TrainingEvent>) => {
    if (data.runId !== runId) return;
    heard.push(data);
    timer ??= setTimeout(draw, showEvery);
  };
  void read().catch(() => undefined);
  const again = setTimeout(() => {
    complete = true;
    void read().catch(() => undefined);
  }, settled);

  function forget(): void {
    heard.splice(0, taken);
    taken = 0;
  }

  return () => {
    stopped = true;
    channel.close();
    clearTimeout(again);
    if (timer !== null) clearTimeout(timer);
  };
}
