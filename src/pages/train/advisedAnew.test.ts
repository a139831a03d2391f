import { describe, expect, it } from 'vitest';
import { defaultRecipe } from '../../recipe/fields';
import { afterEvent, newLiveRun, type LiveRun } from '../../stores/liveRun';
import { metricsOf, stepRow } from '../../training/testing/fakes';
import { advisedAnew } from './advisedAnew';

const begun = newLiveRun({ runId: 'r', name: 'run', recipe: defaultRecipe, datasetId: 'd' });
const stepped = (run: LiveRun, step: number): LiveRun =>
  afterEvent(run, { type: 'steps', runId: 'r', steps: [stepRow(step)], secondsLeft: null });
const evaluated = (run: LiveRun, step: number): LiveRun =>
  afterEvent(run, {
    type: 'evaluation',
    runId: 'r',
    evaluation: { step, seconds: step, metrics: metricsOf(0.5), change: null },
    predictions: null,
    best: false,
  });

describe('advisedAnew', () => {
  it('asks after each of the first steps, and then after a twentieth more', () => {
    let [live, asked, times] = [begun, begun, 0];
    for (let step = 1; step <= 5_000; step++) {
      live = stepped(live, step);
      if (step % 10 === 0) live = evaluated(live, step);
      if (!advisedAnew(asked, live)) continue;
      asked = live;
      times++;
      if (step <= 20) expect(times).toBe(step);
    }
    expect(times).toBeLessThan(200);
  });

  it('asks at the first evaluation, when a run goes back to a checkpoint, and when it ends', () => {
    const live = [1, 2, 3, 4].reduce(stepped, begun);
    expect(advisedAnew(live, live)).toBe(false);
    expect(advisedAnew(live, evaluated(live, 4))).toBe(true);
    expect(advisedAnew(live, afterEvent(live, { type: 'resumed', runId: 'r', step: 2 }))).toBe(true);
    const end = { reason: 'finished', message: 'Finished.', bestStep: null } as const;
    expect(advisedAnew(live, afterEvent(live, { type: 'ended', runId: 'r', ...end }))).toBe(true);
  });
});
