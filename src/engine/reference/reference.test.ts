import { describe, expect, it } from 'vitest';
import { opCases, optimizerCases, type OpCase } from '../fixtures/load';
import { adamwReference } from './adamw';
import { at } from './at';
import { attentionReference } from '../ops/attention/reference';
import { contrastiveLossReference } from '../ops/contrastive-loss/reference';
import { layerNormReference } from '../ops/layer-norm/reference';

const no = new Float32Array();
const input = (testCase: OpCase, role: string): ArrayLike<number> => testCase.inputs[role]?.data ?? no;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number> | undefined, what: string): void {
  expect(actual.length, what).toBe(expected?.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(at(actual, i) - at(expected ?? no, i)));
  expect(worst, what).toBeLessThan(1e-5);
}

describe('float64 references against PyTorch', () => {
  it.each(opCases('layerNorm').map((testCase) => [testCase.name, testCase] as const))('layer norm %s', (_, testCase) => {
    const [rows = 0, columns = 0] = testCase.inputs['x']?.shape ?? [];
    const epsilon = testCase.attributes['epsilon'] as number;
    const tensors = { x: input(testCase, 'x'), weight: input(testCase, 'weight'), bias: input(testCase, 'bias') };
    const result = layerNormReference({ rows, columns, epsilon, ...tensors }, testCase.dy?.data ?? no);
    expectClose(result.y, testCase.y.data, 'y');
    expectClose(result.dx, testCase.gradients['x']?.data, 'dx');
    expectClose(result.dWeight, testCase.gradients['weight']?.data, 'dWeight');
    expectClose(result.dBias, testCase.gradients['bias']?.data, 'dBias');
  });

  const together = opCases('attention').filter(({ inputs }) => 'qkv' in inputs);

  it.each(together.map((testCase) => [testCase.name, testCase] as const))('attention %s', (_, testCase) => {
    const { batch, tokens, heads, headSize, causal } = testCase.attributes as unknown as {
      batch: number;
      tokens: number;
      heads: number;
      headSize: number;
      causal: boolean;
    };
    const lengths = testCase.inputs['lengths']?.data ?? null;
    const shape = { batch, tokens, heads, headSize, causal, lengths };
    const result = attentionReference({ ...shape, qkv: input(testCase, 'qkv') }, testCase.dy?.data ?? no);
    expectClose(result.y, testCase.y.data, 'y');
    expectClose(result.dQkv, testCase.gradients['qkv']?.data, 'dQkv');
  });

  it.each(opCases('contrastiveLoss').map((testCase) => [testCase.name, testCase] as const))('loss %s', (_, testCase) => {
    const [batch = 0, width = 0] = testCase.inputs['image']?.shape ?? [];
    const result = contrastiveLossReference({
      batch,
      width,
      image: input(testCase, 'image'),
      text: input(testCase, 'text'),
      logitScale: at(input(testCase, 'logitScale'), 0),
      imageKeys: input(testCase, 'imageKeys'),
      textKeys: input(testCase, 'textKeys'),
      labelSmoothing: testCase.attributes['labelSmoothing'] as number,
    });
    expectClose([result.loss], testCase.y.data, 'loss');
    expectClose([result.dLogitScale], testCase.gradients['logitScale']?.data, 'dLogitScale');
    expectClose(result.dImage, testCase.gradients['image']?.data, 'dImage');
    expectClose(result.dText, testCase.gradients['text']?.data, 'dText');
  });

  it('the first AdamW step', () => {
    const testCase = optimizerCases().find(({ optimizer }) => optimizer.type === 'adamw');
    const [first] = testCase?.steps ?? [];
    const [start] = testCase?.start ?? [];
    if (testCase === undefined || first === undefined || start === undefined) throw new Error('There is no AdamW case.');
    if (testCase.optimizer.type === 'sgd') throw new Error('AdamW is no SGD.');
    const { beta1, beta2, epsilon } = testCase.optimizer;
    const gradients = first.gradients.map(({ data }) => data);
    const norm = Math.hypot(...gradients.flatMap((data) => [...data]));
    const { data } = start;
    const zeros = new Float64Array(data.length);
    const own = gradients[0] ?? no;
    // The norm is taken over all tensors; here only the first is updated, so its gradient is clipped beforehand.
    const factor = testCase.maxGradNorm === null ? 1 : Math.min(1, testCase.maxGradNorm / (norm + 1e-6));
    const result = adamwReference(data, own.map((g) => g * factor), [zeros, zeros], {
      step: 1,
      learningRate: first.learningRate,
      weightDecay: testCase.weightDecay,
      beta1,
      beta2,
      epsilon,
      maxGradNorm: null,
    });
    expectClose(result.weights, first.after[0]?.data, 'weights');
  });
});
