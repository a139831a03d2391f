// @module-tag slow

import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { mostChanges, type PlannedChange } from './changes';
import { defaultRecipe, fieldOf, recipeKeys, withFields, type RecipeChange } from './fields';
import { decodeLink, encodeLink, LinkError, maxLinkCharacters } from './link';
import { linkInLocation } from './link-location';
import { restoreRecipe } from './migrate';
import { applyPreset, presets } from './presets';
import { fineTuningMethod } from './methods/fine-tuning';
import { recipeSchema, type Recipe } from './schema';
import { selectionMetrics } from './tasks/contrastive';

/** Park–Miller, enough for reproducible examples. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function randomRecipe(random: () => number): Recipe {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  const groups = ['vision', 'text'].flatMap((tower) => [
    ...['embeddings', 'final_norm', 'projection'].map((part) => `${tower}.${part}`),
    ...Array.from({ length: 48 }, (_, index) => `${tower}.blocks.${index}`),
  ]);
  const whole = (max: number) => 1 + Math.floor(random() * max);
  const wild: RecipeChange = {
    model: pick(['seed-clip', 'openai/clip-vit-base-patch32', 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K']),
    freeze: pick(fineTuningMethod.shape.freeze.unwrap().options),
    lastBlocks: whole(48),
    trainableGroups: [...groups, 'logit_scale'].filter(() => random() < 0.5),
    layerDecay: 0.1 + 0.9 * random(),
    durationUnit: pick(['epochs', 'steps']),
    epochs: whole(1000),
    steps: whole(1_000_000),
    batchSize: 1 + whole(1023),
    microBatchSize: whole(1024) - 1,
    gradientCheckpointing: random() < 0.5,
    mixedPrecision: random() < 0.5,
    optimizer: pick(recipeSchema.shape.optimizer.unwrap().options),
    learningRate: 10 ** (-8 * random()),
    schedule: pick(recipeSchema.shape.schedule.unwrap().options),
    warmupRatio: 0.9 * random(),
    weightDecay: random(),
    beta1: 0.9999 * random(),
    beta2: 0.9999 * random(),
    epsilon: 1e-12 + 1e-2 * random(),
    momentum: 0.9999 * random(),
    maxGradNorm: 1000 * random(),
    labelSmoothing: 0.5 * random(),
    attentionDropout: 0.9 * random(),
    maxLogitScale: 1 + 999 * random(),
    augmentCrop: 0.9 * random(),
    augmentFlip: random() < 0.5,
    augmentColor: random(),
    cachedViews: whole(100),
    evaluateEvery: whole(100_000),
    selectionMetric: pick(selectionMetrics),
    earlyStopping: random() < 0.5,
    patience: whole(1000),
    restoreBest: random() < 0.5,
    seed: Math.floor(random() * 0xffff_ffff),
  };
  // Some recipes differ in nearly everything, others in a field or two.
  const density = random();
  const changes = Object.fromEntries(Object.entries(wild).filter(() => random() < density));
  const { recipe, problems } = restoreRecipe(changes, applyPreset(pick(presets).id));
  expect(problems).toEqual([]);
  return recipe;
}

/** A link made by a stranger, or by an earlier studio: any preset, any changes. */
function forge(json: string, version = '2'): string {
  return `${version}.${deflateRawSync(Buffer.from(json)).toString('base64url')}`;
}

const opened = async (fragment: string, current = defaultRecipe) => {
  const code = linkInLocation(fragment);
  if (code === null) throw new Error('no link');
  return decodeLink(code, current);
};

it('a recipe of another task survives a link, whatever the preset', async () => {
  for (const { id } of presets) {
    const recipe = withFields(applyPreset(id, withFields(defaultRecipe, { task: 'classification' })), {
      promptTemplate: 'ein Bild von {}',
      classWeights: 'balanced',
      selectionMetric: 'macro-f1',
    });
    const opened = await decodeLink(linkInLocation(await encodeLink(recipe)) ?? '');
    expect(opened).toEqual({ preset: id, recipe, problems: [] });
  }
});

it('a link of the third format to a classifier still opens', async () => {
  const changes = { task: 'image-classification', classWeights: 'balanced', epochs: 3 };
  const { recipe, problems } = await decodeLink(forge(JSON.stringify(['projections', changes]), '3'));
  expect(problems).toEqual([]);
  expect(recipe).toMatchObject({ task: { type: 'classification', classWeights: 'balanced' }, epochs: 3 });
});

describe('recipe links', () => {
  it('give back any recipe exactly', async () => {
    const random = createRandom(7);
    for (let i = 0; i < 150; i++) {
      const recipe = randomRecipe(random);
      const result = await opened(await encodeLink(recipe));
      expect(result.problems).toEqual([]);
      expect(result.recipe).toEqual(recipe);
    }
  });

  it('of the first format still open, and go on to choose the best weights by Recall@1', async () => {
    const old =
      '#/r/1.BcFBCoAgEAXQu_y1xRhEMceoZbRQG1KSjMZV0d17b0F2WhufSzgU5oVcJUQF9wbe1RDn9AjYdqNBFnef6dwnVwVMLRFZAxXZwMO3_g';
    expect(await opened(old)).toEqual({
      preset: 'last-blocks',
      recipe: withFields(applyPreset('last-blocks'), {
        batchSize: 128,
        learningRate: 1e-4,
        epochs: 5,
        seed: 7,
        selectionMetric: 'recall@1',
      }),
      problems: [],
    });
  });

  it('of the second format still open, with what now lies in the parts of task and method', async () => {
    const old = forge(
      '["projections",{"labelSmoothing":0.1,"selectionMetric":"recall@5","freeze":"custom","trainableGroups":"v4.1_s"}]',
    );
    expect(await opened(`#/r/${old}`)).toEqual({
      preset: 'projections',
      recipe: withFields(applyPreset('projections'), {
        labelSmoothing: 0.1,
        selectionMetric: 'recall@5',
        freeze: 'custom',
        trainableGroups: ['logit_scale', 'vision.blocks.0', 'vision.projection'],
      }),
      problems: [],
    });
  });

  it('are the same for the same recipe, whatever the order of its layers', async () => {
    const a = withFields(defaultRecipe, { freeze: 'custom', trainableGroups: ['text.blocks.2', 'vision.projection'] });
    const b = withFields(a, { trainableGroups: ['vision.projection', 'text.blocks.2'] });
    expect(await encodeLink(a)).toBe(await encodeLink(b));
  });

  it('of a preset are short', async () => {
    for (const preset of presets) expect((await encodeLink(applyPreset(preset.id))).length).toBeLessThan(60);
  });

  it('stay below 2,000 characters at their worst', async () => {
    const random = createRandom(3);
    const noise = (length: number) =>
      Array.from(
        { length },
        () => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[Math.floor(random() * 62)],
      ).join('');
    for (let i = 0; i < 20; i++) {
      let recipe = withFields(randomRecipe(random), {
        model: `${noise(99)}/${noise(100)}`,
        freeze: 'custom',
        changes: Array.from({ length: mostChanges }, (): PlannedChange => {
          return { kind: 'rate', step: Math.floor(1e6 * random()), to: random() };
        }),
        trainableGroups: ['vision', 'text'].flatMap((tower) =>
          Array.from({ length: 100 }, (_, index) => `${tower}.blocks.${index}`).filter(() => random() < 0.5),
        ),
      });
      for (const key of recipeKeys) {
        const value = fieldOf(recipe, key);
        if (typeof value === 'number' && !Number.isInteger(value)) {
          // As many digits as a double has.
          recipe = withFields(recipe, { [key]: value * (1 - 1e-15 * random()) });
        }
      }
      expect(recipeSchema.safeParse(recipe).success).toBe(true);
      const link = await encodeLink(recipe);
      expect(link.length).toBeLessThan(maxLinkCharacters);
      expect((await opened(link)).recipe).toEqual(restoreRecipe(recipe).recipe);
    }
  });

  it('carry what is changed on the way, and nothing of it that is not valid', async () => {
    const changes: readonly PlannedChange[] = [
      { kind: 'rate', step: 3, to: 0.1 / 3 },
      { kind: 'length', step: 40, to: 60 },
      { kind: 'micro-batches', step: 40, to: 4 },
      { kind: 'evaluation', step: 41 },
      { kind: 'patience', step: 50 },
    ];
    const recipe = { ...applyPreset('quick'), changes: [...changes] };
    expect(await opened(await encodeLink(recipe))).toEqual({ preset: 'quick', recipe, problems: [] });
    for (const bad of [{ ...changes[0], step: -1 }, { ...changes[0], to: 7 }, { kind: 'reboot', step: 1 }, 'rate']) {
      const code = forge(JSON.stringify(['quick', { changes: [...changes, bad] }]), '5');
      const { recipe: without, problems } = await decodeLink(code);
      expect(without.changes).toEqual([]);
      expect(problems.join()).toContain('Changes on the way');
    }
  });

  it('of the fourth format still open, without changes on the way', async () => {
    const { recipe, problems } = await decodeLink(forge('["quick",{"task":"classification","steps":90}]', '4'));
    expect(problems).toEqual([]);
    expect(recipe).toMatchObject({ task: { type: 'classification' }, steps: 90, changes: [] });
  });

  it('do not carry the name of a model on the sender’s disk', async () => {
    const link = await encodeLink({ ...defaultRecipe, model: 'local/secret-shoes', batchSize: 8 });
    const { recipe, problems } = await opened(link, { ...defaultRecipe, model: 'openai/clip-vit-base-patch32' });
    expect(recipe.model).toBe('openai/clip-vit-base-patch32');
    expect(recipe.batchSize).toBe(8);
    expect(problems.join()).toMatch(/own disk/);
  });
});

describe('hostile and broken links', () => {
  const rejects = (code: string, message: RegExp) => expect(decodeLink(code)).rejects.toThrowError(message);

  it('are refused when they are no link, cut short, or of another version', async () => {
    await rejects('', /not a recipe link/);
    await rejects('1.', /damaged/);
    await rejects('1.<script>alert(1)</script>', /damaged/);
    await rejects('1.AAAA', /damaged|holds no recipe/);
    await rejects('6.q1bKT8pSsqpWKs5MUbJSUkrLTFWyqlbKTSzJULKqBQA', /format 6/);
    const good = (await encodeLink({ ...defaultRecipe, learningRate: 0.123456, seed: 99 })).slice('#/r/'.length);
    for (let length = 3; length < good.length; length += 5) {
      await expect(decodeLink(good.slice(0, length))).rejects.toThrowError(LinkError);
    }
  });

  it('are refused unread when too long', async () => {
    await rejects(`1.${'A'.repeat(3000)}`, /longer than any recipe/);
  });

  it('that unfold into a bomb are refused while they unfold', async () => {
    const bomb = forge(`["full",{"x":"${'0'.repeat(1_000_000)}"}]`);
    expect(bomb.length).toBeLessThan(maxLinkCharacters);
    await rejects(bomb, /unfolds into far more/);
  });

  it('that hold other data are refused', async () => {
    for (const json of ['null', '17', '"full"', '[]', '["full"]', '["full",null]', '{"preset":"full"}', '["full",{']) {
      await rejects(forge(json), /holds no recipe/);
    }
    await rejects(forge('["full",{},{}]'), /holds no recipe/);
  });

  it('with fields out of range or unknown open without them, and say so', async () => {
    const { recipe, problems } = await decodeLink(
      forge(
        JSON.stringify([
          'projections',
          {
            batchSize: 1e9,
            learningRate: '3e-4',
            epochs: -1,
            freeze: 'everything',
            steps: 1.5,
            model: '../../etc/passwd',
            weightDecay: 0.2,
            callback: 'alert(1)',
            trainableGroups: ['vision.blocks.1', '<img>'],
          },
        ]),
      ),
    );
    expect(recipe).toEqual({ ...applyPreset('projections'), weightDecay: 0.2 });
    expect(problems).toHaveLength(8);
    for (const label of [
      'Batch size',
      'Learning rate',
      'Epochs',
      'What to train',
      'Steps',
      'Model',
      'Trained layers',
    ]) {
      expect(problems).toContainEqual(expect.stringContaining(`${label}: `));
      expect(problems.find((problem) => problem.includes(`${label}: `))).toContain('is not valid');
    }
    expect(problems.at(-1)).toMatch(/“callback”/);
  });

  it('cannot reach prototypes', async () => {
    const { recipe, problems } = await decodeLink(
      forge('["full",{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}]'),
    );
    expect(recipe).toEqual(applyPreset('full'));
    expect(problems).toHaveLength(1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('name at most a handful of unknown fields', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`field${index}`, 1]));
    const { problems } = await decodeLink(forge(JSON.stringify(['full', many])));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/295 more/);
    expect(problems[0]?.length).toBeLessThan(200);
  });

  it('with an unknown preset fall back to the full one and say so', async () => {
    const { preset, problems } = await decodeLink(forge('["turbo",{"batchSize":16}]'));
    expect(preset).toBe('full');
    expect(problems.join()).toMatch(/preset/);
  });
});

describe('linkInLocation', () => {
  it('tells links from pages', () => {
    expect(linkInLocation('/r/1.abc')).toBe('1.abc');
    expect(linkInLocation('#/r/1.abc')).toBe('1.abc');
    expect(linkInLocation('/recipe')).toBeNull();
    expect(linkInLocation('/runs/1')).toBeNull();
  });
});
