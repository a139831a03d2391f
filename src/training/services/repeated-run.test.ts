// @module-tag slow

import { beforeAll, expect, test } from 'vitest';
import { EngineError, type Executor, type StepReading } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import type { PlannedChange } from '../../recipe/changes';
import type { RecipeChange } from '../../recipe/fields';
import { decodeLink, encodeLink } from '../../recipe/link';
import { restoreRecipe } from '../../recipe/migrate';
import { defaultRecipe } from '../../recipe/fields';
import { beyondRecipe, repeatableRecipe } from '../../runs/repeat';
import type { DatasetView } from '../data/dataset-view';
import type { PixelReader } from '../features/samples';
import { exportedRun, timeless, type Exported } from '../testing/exported-run';
import { recipeOf } from '../testing/fakes';
import { tinyDataset, tinyModel } from '../testing/tiny-model';
import { VisitedRun, type Visit } from '../testing/visits';

/** Runs that did not come about by their recipe alone, and what their recipe carries then: a new run of it comes to every number. */

let executor: Executor;
let view: DatasetView;
let pixels: PixelReader;
beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
  ({ view, pixels } = await tinyDataset());
});

/** Something once, behind a step. */
function once(at: number, act: Required<Visit>['onStep']): Required<Visit>['onStep'] {
  let done = false;
  return (step, session) => {
    if (done || step !== at) return;
    done = true;
    act(step, session);
  };
}

const checkpoint = once(4, (_, { commands }) => commands.checkpointNow());
/** What a rate of 0.01 becomes where a run goes back. */
const lowered = (1 / 3) * 0.01;
/** The full rate comes to nothing behind the fourth step. */
const diverging = (reading: StepReading, rate: number): StepReading =>
  reading.step > 4 && rate > 4e-3 ? { ...reading, loss: NaN } : reading;

interface Case {
  readonly recipe?: RecipeChange;
  readonly visits: readonly (() => Visit)[];
  /** What the recipe carries of it. */
  readonly changes: readonly PlannedChange[];
  readonly fields?: RecipeChange;
  /** The new run goes on where the other was stopped. */
  readonly stopped?: boolean;
}

const cases: Readonly<Record<string, Case>> = {
  'whose rate and length were changed while it ran': {
    visits: [
      () => {
        const rate = once(3, (_, { commands }) => commands.change({ learningRate: 0.0123 }));
        const both = once(5, (_, { commands }) => commands.change({ learningRate: 0.002, totalSteps: 14 }));
        return { onStep: (step, session) => [rate, both].forEach((act) => act(step, session)) };
      },
    ],
    changes: [
      { kind: 'rate', step: 3, to: 0.0123 },
      { kind: 'rate', step: 5, to: 0.002 },
      { kind: 'length', step: 5, to: 14 },
    ],
  },
  'that was evaluated between': {
    visits: [() => ({ onStep: once(5, (_, { commands }) => commands.evaluateNow()) })],
    changes: [{ kind: 'evaluation', step: 5 }],
  },
  'that was prolonged when it was over, twice': {
    visits: [
      () => ({}),
      () => ({ change: { totalSteps: 13, learningRate: 0.004 } }),
      () => ({ change: { totalSteps: 15 } }),
    ],
    changes: [
      { kind: 'evaluation', step: 10 },
      { kind: 'rate', step: 10, to: 0.004 },
      { kind: 'length', step: 10, to: 13 },
      { kind: 'evaluation', step: 13 },
      { kind: 'length', step: 13, to: 15 },
    ],
  },
  'that stopped early and was trained on': {
    recipe: { earlyStopping: true, patience: 1, evaluateEvery: 1, learningRate: 1e-8 },
    visits: [() => ({}), () => ({ change: { learningRate: 0.01, totalSteps: 5 } })],
    changes: [
      { kind: 'patience', step: 2 },
      { kind: 'rate', step: 2, to: 0.01 },
      { kind: 'length', step: 2, to: 5 },
    ],
  },
  'that was stopped': {
    visits: [() => ({ onStep: once(5, (_, { commands }) => commands.stop('as-planned')) })],
    changes: [{ kind: 'evaluation', step: 5 }],
    stopped: true,
  },
  'that was stopped and went on': {
    visits: [() => ({ onStep: once(5, (_, { commands }) => commands.stop('as-planned')) }), () => ({ change: {} })],
    changes: [{ kind: 'evaluation', step: 5 }],
  },
  'whose tab was closed behind a change': {
    visits: [
      () => {
        const rate = once(6, (_, { commands }) => commands.change({ learningRate: 0.0123 }));
        return {
          onStep: (step, session) => [checkpoint, rate].forEach((act) => act(step, session)),
          closedAt: 8,
        };
      },
      () => ({ change: {} }),
    ],
    changes: [{ kind: 'rate', step: 6, to: 0.0123 }],
  },
  'that diverged and went back to a checkpoint': {
    recipe: { schedule: 'constant' },
    visits: [
      () => ({ onStep: (step, { commands }) => void (step === 4 && commands.checkpointNow()), reading: diverging }),
    ],
    changes: [{ kind: 'rate', step: 4, to: lowered }],
  },
  'that diverged and went back to its beginning': {
    recipe: { schedule: 'constant' },
    visits: [() => ({ reading: diverging })],
    changes: [{ kind: 'rate', step: 0, to: lowered }],
  },
  'that was made longer, diverged and went back before that': {
    recipe: { schedule: 'constant' },
    visits: [
      () => {
        const longer = once(5, (_, { commands }) => commands.change({ totalSteps: 16 }));
        return {
          onStep(step, session) {
            longer(step, session);
            if (step === 4) session.commands.checkpointNow();
          },
          reading: diverging,
        };
      },
    ],
    changes: [
      { kind: 'rate', step: 4, to: lowered },
      { kind: 'length', step: 4, to: 16 },
    ],
  },
  'that ran out of memory at its beginning': {
    visits: [() => ({ smaller: 2, onStep: once(1, outOfMemory) })],
    changes: [],
    fields: { microBatchSize: 3 },
  },
  'that ran out of memory on the way': {
    visits: [
      () => {
        const failing = once(6, outOfMemory);
        return {
          smaller: 2,
          onStep(step, session) {
            if (step === 4) session.commands.checkpointNow();
            failing(step, session);
          },
        };
      },
    ],
    changes: [{ kind: 'micro-batches', step: 4, to: 2 }],
  },
};

function outOfMemory(): never {
  throw new EngineError('out-of-memory', 'There is no room.');
}

test.each(Object.keys(cases))(
  'a run %s is the same to every number when its exported recipe is run again',
  async (name) => {
    const { visits, changes, fields = {}, stopped = false, ...given } = cases[name]!;
    const recipe = recipeOf({
      ...{ model: tinyModel().id, batchSize: 6, durationUnit: 'steps', steps: 10, seed: 3, learningRate: 0.01 },
      ...{ schedule: 'cosine', warmupRatio: 0.2, attentionDropout: 0.1, evaluateEvery: 4 },
      ...given.recipe,
    });
    const on = { executor, model: tinyModel(), view, pixels };
    const first = new VisitedRun({ ...on, recipe });
    for (const visit of visits) await first.visit(visit());
    const files = await exported(first);
    const recorded = restoreRecipe((JSON.parse(await files.textOf('run.json')) as { recipe: unknown }).recipe);
    expect(recorded).toEqual({ recipe: { ...recipe, changes, ...fields }, problems: [] });
    const named = { ...first.run, recipe: { ...recipe, model: 'seed-clip' } };
    expect(beyondRecipe(named)).toEqual([]);
    const link = await encodeLink(recorded.recipe);
    const opened = await decodeLink(link.slice('#/r/'.length), { ...defaultRecipe, model: recipe.model });
    expect(opened).toMatchObject({ recipe: recorded.recipe });

    const again = new VisitedRun({ ...on, recipe: opened.recipe });
    await again.visit();
    const repeated = await exported(again);
    for (const table of ['steps.csv', 'evaluations.csv']) {
      const numbers = await timeless(files, table);
      expect(numbers.length).toBeGreaterThan(2);
      const found = await timeless(repeated, table);
      expect(stopped ? found.slice(0, numbers.length) : found).toEqual(numbers);
    }
    if (stopped) return;
    expect(again.run.bestStep).toBe(first.run.bestStep);
    expect(again.run.totalSteps).toBe(first.run.totalSteps);
    // What is repeated is the same recipe once more.
    expect(repeatableRecipe(again.run)).toEqual(opened.recipe);
  },
);

async function exported(visited: VisitedRun): Promise<Exported> {
  return exportedRun({ run: visited.run, rows: await visited.rows() });
}
