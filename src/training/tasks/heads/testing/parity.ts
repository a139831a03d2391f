import { expect } from 'vitest';
import { plainSgd, type Executor } from '../../../../engine/executor';
import { decodeArray, decodeTensor, type StoredTensor } from '../../../../engine/fixtures/load';
import type { GraphBuilder } from '../../../../engine/graph/builder';
import { differentiate } from '../../../../engine/graph/differentiate';
import type { ValueId } from '../../../../engine/graph/value';
import { crossEntropy } from '../../../../engine/ops/cross-entropy/node';
import { elementLoss, type ElementCost } from '../../../../engine/ops/element-loss/node';
import { modelParameters, modelTensors, pairOf, trainableValues } from '../../../../model/architecture';
import { openArchitecture } from '../../../../model/families';
import { modelInputs } from '../../../../model/families/family';
import { lossOutput } from '../../../../model/pair-graph';
import { defaultRecipe, taskPart, withFields, type RecipeChange } from '../../../../recipe/fields';
import { graphInputs, pickInputs } from '../../../features/tower';
import { onesPart } from '../graph';
import { presenceInputs } from '../presence';
import { headShape, type HeadShape } from '../shape';
import { headParts, logitsOutput, supervisedGraph } from '../tower-graph';
import fixture from './heads.json' with { type: 'json' };

/** Heads on a tiny CLIP as PyTorch computed them (`reference/fixtures/heads.py`). */
export const headCases = fixture.cases;
type HeadCase = (typeof headCases)[number];

const architecture = pairOf(openArchitecture(fixture.config));
const [r = 0, g = 0, b = 0] = fixture.mean;
const [sr = 1, sg = 1, sb = 1] = fixture.std;
const pixels = decodeTensor(fixture.pixels);
const ids = decodeTensor(fixture.ids);
const [batch = 0, tokens = 0] = ids.shape;

/** What costs by element each loss has; the other one is cross-entropy. */
const costs: Readonly<Record<string, ElementCost>> = {
  several: { kind: 'binary', focus: 0 },
  ordered: { kind: 'binary', focus: 0 },
  huber: { kind: 'huber', delta: fixture.huberDelta },
};

function shapeOf({ fusion, head, outputs, ordered }: HeadCase): HeadShape {
  const changes = {
    task: 'classification',
    input: 'both',
    fusion,
    head,
    headWidth: fixture.width,
    fusionBlocks: fixture.blocks,
    fusionHeads: fixture.heads,
    headDropout: 0,
  } as RecipeChange;
  const part = taskPart(withFields(defaultRecipe, changes), 'classification');
  return headShape(part, architecture, { outputs, ordered });
}

function stored(values: object): ReadonlyMap<string, Float32Array<ArrayBuffer>> {
  return new Map(
    Object.entries(values as Readonly<Record<string, StoredTensor>>).map(([name, value]) => [
      name,
      decodeArray(value).data,
    ]),
  );
}

/** Logits and the loss within 1e-4, every gradient within 1e-3 of its size. */
export async function checkHead(executor: Executor, given: HeadCase): Promise<void> {
  const shape = shapeOf(given);
  const values: Readonly<Record<string, StoredTensor>> = given.values;
  const constant = (role: string, name: string) =>
    values[role] === undefined ? [] : [{ name, values: decodeArray(values[role]).data }];
  const constants = [
    ...constant('positiveWeights', 'positive_weights'),
    ...constant('classWeights', 'class_weights'),
    ...(shape.ordered ? [{ name: onesPart(shape).name, values: new Float32Array(shape.outputs).fill(1) }] : []),
  ];
  const constantShape = (name: string, length: number): readonly number[] =>
    name === onesPart(shape).name ? onesPart(shape).shape : [length];
  const own = [
    ...headParts(shape),
    ...constants.map(({ name, values: { length } }) => ({ name, shape: constantShape(name, length) })),
  ];
  const addLoss = (builder: GraphBuilder, logits: ValueId): ValueId => {
    const weightsOf = (name: string): ValueId => builder.parameter([shape.outputs], { name, shape: [shape.outputs] });
    const cost = costs[given.loss];
    if (cost === undefined) {
      return crossEntropy(builder, logits, builder.input('targets', 'i32', [batch]), {
        classWeights: weightsOf('class_weights'),
        labelSmoothing: fixture.labelSmoothing,
      });
    }
    const input = (name: string): ValueId => builder.input(name, 'f32', [batch, shape.outputs]);
    return elementLoss(
      builder,
      logits,
      {
        targets: input('targets'),
        weights: input('weights'),
        positiveWeights: given.loss === 'several' ? weightsOf('positive_weights') : null,
      },
      cost,
    );
  };
  const graph = supervisedGraph(architecture, shape, {
    batch,
    tokens,
    from: { vision: 'embeddings', text: 'embeddings' },
    normalization: { mean: [r, g, b], std: [sr, sg, sb] },
    attentionDropout: 0,
    loss: addLoss,
  });
  const weights = new Map([
    ...modelTensors(architecture).map(({ name }) => [name, stored(fixture.tensors).get(name)] as const),
    ...stored(given.weights),
    ...constants.map(({ name, values: own }) => [name, own] as const),
  ]) as ReadonlyMap<string, Float32Array>;
  const expected = stored(given.gradients);
  const program = differentiate(
    graph,
    graph.outputs[lossOutput] ?? -1,
    trainableValues(graph, new Set(expected.keys())),
  );
  const { presence } = fixture;
  const inputs = {
    [modelInputs.pixels]: pixels.data as Uint8Array<ArrayBuffer>,
    ...architecture.textInputs(ids.data as Int32Array, tokens),
    ...presenceInputs(
      presence.picture.map((picture, row) => ({
        picture: picture === 1,
        words: presence.words[row] === 1,
        pictureTokens: presence.picture_lengths[row] ?? 1,
        wordTokens: presence.word_lengths[row] ?? 1,
      })),
      batch,
    ),
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decodeTensor(value).data])),
  };
  const read = pickInputs(graphInputs(graph), inputs);

  const store = await executor.createStore(modelParameters(architecture, own), weights);
  const inference = await executor.compile(graph, store);
  const found = await inference.run(read);
  expectClose(found[logitsOutput], decodeArray(given.logits).data, 1e-4, 'logits');
  expect(Math.abs((found[lossOutput]?.[0] ?? NaN) - given.lossValue), 'loss').toBeLessThan(1e-4);
  inference.dispose();
  const trainer = await executor.compileTraining(program, store, plainSgd);
  const { loss, gradients } = await trainer.gradients(read, 1);
  expect(Math.abs(loss - given.lossValue), 'loss in training').toBeLessThan(1e-4);
  expect(new Set(gradients.keys())).toEqual(new Set(expected.keys()));
  for (const [name, data] of expected) {
    const scale = Math.max(1e-2, ...data.map(Math.abs));
    expectClose(gradients.get(name), data, 1e-3 * scale, `gradient of ${name}`);
  }
  trainer.dispose();
  store.dispose();
}

function expectClose(
  actual: Float32Array | undefined,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual?.length, what).toBe(wanted.length);
  const difference = Array.from(actual ?? []).reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (wanted[index] ?? NaN))),
    0,
  );
  expect(difference, what).toBeLessThan(tolerance);
}
