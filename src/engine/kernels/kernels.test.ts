import { describe, expect, it } from 'vitest';
import { concatBackward, concatForward } from '../ops/concat/kernels';
import { contrastivePairGradients, contrastiveStatistics } from '../ops/contrastive-loss/kernels';
import { pairBackward, pairSimilarities } from '../ops/contrastive-loss/pairs';
import { sigmoidPairGradients, sigmoidPairs } from '../ops/sigmoid-loss/kernels';
import { crossEntropyBackward, crossEntropyLoss, crossEntropyRows } from '../ops/cross-entropy/kernels';
import { dropoutMask } from '../ops/dropout/kernels';
import { elementLossBackward, elementLossRows, elementLossSum } from '../ops/element-loss/kernels';
import { fillMissingBackward, fillMissingFill, fillMissingForward } from '../ops/fill-missing/kernels';
import { gateBackward, gateForward } from '../ops/gate/kernels';
import { gatherRowsBackward, gatherRowsForward } from '../ops/gather-rows/kernels';
import { copyElements } from './elementwise';
import { finishStep, squaredSums } from './gradient-norm';
import { imageTokensBackward, imageTokensForward } from '../ops/image-tokens/kernels';
import type { Kernel } from './kernel';
import { layerNormBackwardInput, layerNormBackwardParameters, layerNormForward } from '../ops/layer-norm/kernels';
import { activationBackward } from '../ops/linear/kernels';
import { normalizeBackward, normalizeForward } from '../ops/normalize/kernels';
import { optimizerStep, updateTable } from './optimizer';
import { poolBackward, poolForward } from '../ops/pool/kernels';
import { tokenMeanBackward, tokenMeanForward } from '../ops/token-mean/kernels';
import { partialSumsTable, reducePartials } from './reduce-partials';
import {
  positionsBackward,
  tokenEmbeddingBackwardTable,
  tokenEmbeddingForward,
  tokenLinks,
} from '../ops/token-embedding/kernels';
import { writeRows, writeRowsBackward } from '../ops/write-rows/kernels';

const rows = { rows: 6, columns: 12 };
/** No multiple of four, so that elements are read one by one. */
const odd = { rows: 6, columns: 5 };
const loss = { batch: 5, width: 8 };
const tokens = { batch: 2, tokens: 3, width: 8, vocabulary: 11 };
const image = { batch: 2, patches: 4, width: 8, classToken: true };
const written = { batch: 2, tokens: 3, capacity: 5, width: 8, offsets: true };
const pooled = { batch: 2, tokens: 3, width: 8 };
const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6 };
const update = updateTable([{ weight: 0, gradient: 0, count: 12, rateFactor: 1, weightDecay: 0.1, clamp: null }]);
const sums = { partials: 0, slices: 3, stride: 12, gradient: 0, count: 12, accumulate: false };

const gathered = { batch: 3, sequences: 2, tokens: 3, width: 8 };
const sideBySide = { rows: 6, left: 8, right: 4 };
const focused = { rowWeights: false, classWeights: true, labelSmoothing: 0, focus: 2 };
const binary = { cost: 'binary', bend: 1.5, positive: true } as const;

/** Kernels whose WGSL depends on whether invocations of a workgroup share work. */
function targeted(cooperative: boolean): Readonly<Record<string, Kernel>> {
  const target = { cooperative };
  const statistics = { labelSmoothing: 0.1, cooperative };
  const finish = { maxNorm: 1, cooperative, optimizer: { type: 'adamw', ...adam } } as const;
  return {
    'layer norm': layerNormForward(rows, { epsilon: 1e-5, saveStatistics: true, target }),
    'layer norm of odd length': layerNormForward(odd, { epsilon: 1e-5, saveStatistics: false, target }),
    'layer norm, gradient of its input': layerNormBackwardInput(rows, { accumulate: true, target }),
    'contrastive loss, statistics': contrastiveStatistics(loss.batch, { ...statistics, scaled: false }),
    'contrastive loss, scaled statistics': contrastiveStatistics(loss.batch, { ...statistics, scaled: true }),
    'sigmoid loss': sigmoidPairs(loss.batch, { cooperative, scaled: false }),
    'sigmoid loss, scaled': sigmoidPairs(loss.batch, { cooperative, scaled: true }),
    'gradient norm, partial sums': squaredSums(256, { cooperative }),
    'gradient norm and reading': finishStep(4, { ...finish, scaled: false, logitScale: true }),
    'gradient norm with loss scaling': finishStep(4, { ...finish, scaled: true, logitScale: false }),
    'cross-entropy with a focus': crossEntropyRows({ rows: 6, classes: 5 }, focused, target),
    'loss of elements, sum': elementLossSum(6, { cooperative, scaled: true }),
    normalize: normalizeForward(rows, { target }),
    'normalize, gradient': normalizeBackward(rows, { accumulate: false, target }),
  };
}

const others: Readonly<Record<string, Kernel>> = {
  'layer norm, gradients of its parameters': layerNormBackwardParameters(rows, { slices: 2 }),
  'contrastive loss, similarities': pairSimilarities(loss),
  'contrastive loss, gradients of pairs': contrastivePairGradients(loss.batch, { labelSmoothing: 0.1 }),
  'contrastive loss, gradients of features': pairBackward(loss, { logitScale: 'none', logitBias: 'none' }),
  'contrastive loss, gradients with that of the scale': pairBackward(loss, { logitScale: 'add', logitBias: 'none' }),
  'sigmoid loss, gradients of pairs': sigmoidPairGradients(loss.batch),
  'sigmoid loss, gradients with those of scale and bias': pairBackward(loss, { logitScale: 'write', logitBias: 'add' }),
  concat: concatForward(sideBySide),
  'concat, gradient of a part': concatBackward({ ...sideBySide, right: 5 }, { part: 'right', accumulate: true }),
  'cross-entropy with a focus, gradient': crossEntropyBackward(
    { rows: 6, classes: 5 },
    { ...focused, accumulate: false },
  ),
  dropout: dropoutMask(24, { probability: 0.1, salt: 3, accumulate: false }),
  'fill missing samples': fillMissingForward(tokens),
  'fill missing samples, gradient': fillMissingBackward(tokens, { accumulate: true }),
  'fill missing samples, gradient of what stands in': fillMissingFill(tokens, { slices: 2 }),
  gate: gateForward(24),
  'gate, gradients': gateBackward(24, { gate: 'write', a: 'add', b: 'none' }),
  'gate, gradient of one side': gateBackward(25, { gate: 'none', a: 'none', b: 'write' }),
  'loss of elements, binary': elementLossRows({ rows: 6, columns: 5 }, binary),
  'loss of elements, binary, gradient': elementLossBackward({ rows: 6, columns: 5 }, { ...binary, accumulate: true }),
  'loss of elements, Huber, gradient': elementLossBackward(
    { rows: 6, columns: 5 },
    { cost: 'huber', bend: 0.5, positive: false, accumulate: false },
  ),
  'loss of elements, squared': elementLossRows({ rows: 6, columns: 5 }, { cost: 'squared', bend: 0, positive: false }),
  AdamW: optimizerStep(update, { type: 'adamw', ...adam }),
  Adam: optimizerStep(update, { type: 'adam', ...adam }),
  SGD: optimizerStep(update, { type: 'sgd', momentum: 0, nesterov: false }),
  'SGD with Nesterov momentum': optimizerStep(update, { type: 'sgd', momentum: 0.9, nesterov: true }),
  'token embedding': tokenEmbeddingForward(tokens),
  'token embedding, links between equal tokens': tokenLinks(tokens),
  'token embedding, gradient of the table': tokenEmbeddingBackwardTable(tokens, { accumulate: false }),
  'token embedding, gradient of the positions': positionsBackward(tokens, { accumulate: true }),
  'token embedding, offsets': tokenEmbeddingForward({ ...tokens, places: 9 }),
  'token embedding, offsets, gradient of the positions': positionsBackward(
    { ...tokens, places: 9 },
    { accumulate: false },
  ),
  'sequences in another order': gatherRowsForward(gathered),
  'sequences in another order, gradient': gatherRowsBackward(gathered, { accumulate: true }),
  'cross-entropy, summed': crossEntropyLoss(6, { cooperative: false, scaled: true, summed: true }),
  'image tokens': imageTokensForward(image),
  'image tokens, gradients': imageTokensBackward(image, {
    patches: 'write',
    classEmbedding: 'add',
    positions: 'write',
  }),
  'image tokens, gradient of the patches alone': imageTokensBackward(image, {
    patches: 'add',
    classEmbedding: 'none',
    positions: 'none',
  }),
  'image tokens without class token': imageTokensForward({ ...image, classToken: false }),
  'image tokens without class token, gradients': imageTokensBackward(
    { ...image, classToken: false },
    { patches: 'write', classEmbedding: 'none', positions: 'add' },
  ),
  'pool of first rows': poolForward({ ...pooled, row: 'first' }),
  'pool of last rows': poolForward({ ...pooled, row: 'last' }),
  'pool of indexed rows': poolForward({ ...pooled, row: 'indexed' }),
  'pool, gradient': poolBackward({ ...pooled, row: 'indexed' }, { accumulate: false }),
  'mean of tokens': tokenMeanForward({ ...pooled, skipped: 1 }),
  'mean of tokens, gradient': tokenMeanBackward({ ...pooled, skipped: 1 }, { accumulate: false }),
  'mean of tokens, gradient added': tokenMeanBackward({ ...pooled, skipped: 1 }, { accumulate: true }),
  'pool, gradient added': poolBackward({ ...pooled, row: 'indexed' }, { accumulate: true }),
  'rows written to a state': writeRows(written),
  'rows written to a state, gradient': writeRowsBackward(written, { accumulate: false }),
  'rows written to a state, gradient added': writeRowsBackward({ ...written, offsets: false }, { accumulate: true }),
  'sums of partial gradients': reducePartials(partialSumsTable([sums])),
  'copy of elements': copyElements(12, { accumulate: false }),
  'sum of elements': copyElements(7, { accumulate: true }),
  'gradient of an activation': activationBackward(12),
};

describe.each([
  ['cooperative', targeted(true)],
  ['alone', targeted(false)],
  ['the same everywhere', others],
])('WGSL of kernels, %s', (_, kernels) => {
  it.each(Object.entries(kernels))('%s', (_, { code, bindings }) => {
    expect(code).toMatchSnapshot();
    expect(code.match(/@binding\(\d+\)/g)).toHaveLength(bindings.length);
    expect(bindings.filter((access) => access !== 'uniform').length).toBeLessThanOrEqual(8);
  });
});
