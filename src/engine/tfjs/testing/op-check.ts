import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { opCases, type FixtureTensor, type OpCase } from '../../fixtures/load';
import type { GraphNode, ValueId } from '../../graph/ir';
import { ruleOf, type OpRules, type RunContext } from '../rule';

/** Fields of a node that name values, by operation, in the order of the ids given to them here. */
const ROLES: Readonly<Record<GraphNode['op'], readonly string[]>> = {
  linear: ['x', 'weight', 'bias', 'residual'],
  layerNorm: ['x', 'weight', 'bias'],
  attention: ['qkv', 'lengths'],
  tokenEmbedding: ['ids', 'table', 'positions'],
  patchify: ['pixels', 'views'],
  imageTokens: ['patches', 'classEmbedding', 'positions'],
  pool: ['x', 'index'],
  normalize: ['x'],
  contrastiveLoss: ['image', 'text', 'logitScale', 'imageKeys', 'textKeys'],
};

/** Registers a test per case of an operation: forward and backward by the given rules, compared with PyTorch's values. */
export function checkOp(
  rules: () => OpRules,
  op: GraphNode['op'],
  register: (name: string, run: () => void) => void,
): void {
  for (const opCase of opCases(op)) register(opCase.name, () => checkCase(rules(), op, opCase));
}

function checkCase(rules: OpRules, op: GraphNode['op'], opCase: OpCase): void {
  const roles = ROLES[op];
  const ids = roles.map((role, id) => (role in opCase.inputs ? id : null));
  const y = roles.length;
  const fields = Object.fromEntries(roles.map((role, index) => [role, ids[index]]));
  const node = { dropout: 0, ...opCase.attributes, ...fields, op, y } as unknown as GraphNode;
  const given = (id: ValueId): FixtureTensor => {
    const input = opCase.inputs[roles[id] ?? ''];
    if (input === undefined) throw new Error(`The case has no value ${id}.`);
    return input;
  };
  const context: RunContext = {
    seed: 1,
    shape: (id) => given(id).shape,
    input: (id) => given(id).data,
    tensor: (id) => {
      const { data, shape } = given(id);
      return tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32');
    },
  };
  tidy(() => {
    const rule = ruleOf(rules, node);
    const wanted = new Set(roles.flatMap((role, id) => (role in opCase.gradients ? [id] : [])));
    const result = rule.forward(node, context, wanted.size > 0);
    expect(result.y.shape).toEqual(opCase.y.shape);
    expectClose(result.y, opCase.y.data, 'y');
    if (opCase.dy === null) return;
    const dy = tensor(opCase.dy.data, [...opCase.dy.shape]);
    const gradients = rule.backward(node, dy, result.saved, wanted, context);
    expect(new Set(gradients.map(([id]) => id))).toEqual(wanted);
    for (const [id, gradient] of gradients) {
      const role = roles[id] ?? '';
      const expected = opCase.gradients[role];
      if (expected === undefined) throw new Error(`A gradient of ${role} was not asked for.`);
      expect(gradient.shape).toEqual(expected.shape);
      expectClose(gradient, expected.data, `gradient of ${role}`);
    }
  });
}

/** Largest difference against the largest expected magnitude (at least 1e-3, for gradients that are all but zero). */
function expectClose(actual: Tensor, expected: Float32Array, what: string): void {
  const data = actual.dataSync<'float32'>();
  let scale = 1e-3;
  let difference = 0;
  expected.forEach((value, index) => {
    scale = Math.max(scale, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - (data[index] ?? NaN)));
  });
  expect(difference / scale, what).toBeLessThan(2e-5);
}
