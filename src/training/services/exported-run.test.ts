// @module-tag slow

import { beforeAll, expect, test } from 'vitest';
import type { SampleRecord } from '../../dataset/types';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { flatFields, type RecipeChange } from '../../recipe/fields';
import { decodeLink, encodeLink } from '../../recipe/link';
import { restoreRecipe } from '../../recipe/migrate';
import type { Recipe } from '../../recipe/schema';
import type { TaskId } from '../../tasks';
import { answers } from '../tasks/answering';
import { captions } from '../tasks/captioning';
import type { WordKind } from '../tasks/words/words';
import { exportedRun, timeless, type Trained } from '../testing/exported-run';
import { recipeOf } from '../testing/fakes';
import { headRun } from '../testing/head-run';
import { trainPairs } from '../testing/pairs-run';
import { tinyGenerator } from '../testing/tiny-generator';
import { tinyDataset, tinyModel } from '../testing/tiny-model';
import { trainWords } from '../testing/words-run';

let executor: Executor;
beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-wasm', { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/' });
});

/** Numbers and labels of the tiny pictures: how bright and of which colour they are. */
async function headed(recipe: Recipe): Promise<Trained> {
  const { view, pixels } = await tinyDataset();
  const fieldsOf = ({ order }: SampleRecord) => ({ colour: String(order >> 2), size: 10 + (order & 3) });
  const records = view.images.map((image) => ({ ...image, fields: fieldsOf(image) }));
  const { columns } = view.dataset;
  const taught = [{ name: 'colour', role: 'label' } as const, { name: 'size', role: 'number' } as const];
  const dataset = { ...view.dataset, columns: [...columns, ...taught] };
  const { record, rows } = await headRun({
    ...{ executor, model: tinyModel(), dataset, records, pixels },
    changes: flatFields(recipe),
  });
  return { run: record, rows };
}

async function written(kind: WordKind, recipe: Recipe): Promise<Trained> {
  const { record, rows } = await trainWords(executor, kind, flatFields(recipe));
  return { run: record, rows };
}

const trainers: Readonly<Record<TaskId, (recipe: Recipe) => Promise<Trained>>> = {
  contrastive: async (recipe) => trainPairs(recipe, (await tinyDataset()).view),
  classification: headed,
  regression: headed,
  captioning: (recipe) => written(captions, recipe),
  answering: (recipe) => written(answers, recipe),
};

/** What chance has a hand in beside the order of the batches: dropped weights, flipped pictures, words that are left out. */
const recipes: Readonly<Record<TaskId, RecipeChange>> = {
  contrastive: { freeze: 'last-blocks', lastBlocks: 1, augmentFlip: true, learningRate: 2e-2, batchSize: 6 },
  classification: { freeze: 'last-blocks', lastBlocks: 1, headDropout: 0.2, headWidth: 8, learningRate: 5e-3 },
  regression: { freeze: 'projections', headDropout: 0.1, headWidth: 8, learningRate: 1e-2 },
  captioning: { labelSmoothing: 0.1, learningRate: 5e-3 },
  answering: { writtenBeams: 2, learningRate: 3e-3 },
};

test.each(Object.keys(trainers) as TaskId[])(
  '%s: an exported run is the same to every number when its recipe is run again on the same data and adapter',
  async (task) => {
    const model = task === 'captioning' || task === 'answering' ? tinyGenerator().id : tinyModel().id;
    const common = { task, model, batchSize: 4, epochs: 2, attentionDropout: 0.1, seed: 5, evaluateEvery: 2 };
    const recipe = recipeOf({ ...common, ...recipes[task] });
    const trained = await trainers[task](recipe);
    const first = await exportedRun(trained);

    const record = JSON.parse(await first.textOf('run.json')) as {
      readonly recipe: unknown;
      readonly dataset: { readonly fingerprint: string };
    };
    expect(record.dataset.fingerprint).toBe(trained.run.dataset.fingerprint);
    const { recipe: recorded, problems } = restoreRecipe(record.recipe);
    expect(problems).toEqual([]);
    // As a link it comes to another studio, which has another recipe and the same model.
    const link = await encodeLink(recorded);
    const opened = await decodeLink(link.slice('#/r/'.length), recipeOf({ model }));
    expect(opened.recipe).toEqual(recorded);

    const again = await exportedRun(await trainers[task](opened.recipe));
    for (const table of ['steps.csv', 'evaluations.csv']) {
      const numbers = await timeless(first, table);
      expect(numbers.length).toBeGreaterThan(2);
      expect(Object.keys(numbers[0] ?? {}).length).toBeGreaterThan(3);
      expect(await timeless(again, table)).toEqual(numbers);
    }
  },
);
