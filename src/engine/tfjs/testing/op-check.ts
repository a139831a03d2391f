import { add, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { caseNode, opCases, type FixtureTensor, type OpCase } from '../../fixtures/load';
import type { ValueId } from '../../graph/value';
import { operationOf, type GraphNode, type OperationName } from '../../ops';
import { ruleOf, type OpRules, type RunContext } from '../rule';

/** Registers a test per case of an operation: forward and backward by the given rules, compared with PyTorch's values. */
export function checkOp(
  rules: () => OpRules,
  op: OperationName,
  register: (name: string, run: () => void) => void,
): void {
  for (const opCase of opCases(op)) register(opCase.name, () => checkCase(rules(), op, opCase));
}

function checkCase(rules: OpRules, op: OperationName, opCase: OpCase): void {
  const roles = [...new Set([...operationOf({ op }).reads, ...Object.keys(opCase.inputs)])];
  const ids = roles.map((role, id) => (role in opCase.inputs ? id : null));
  const y = roles.length;
  const node = { ...caseNode(op, opCase, (role) => ids[roles.indexOf(role)] ?? null), y } as GraphNode;
  const given = (id: ValueId): FixtureTensor => {
    const input = opCase.inputs[roles[id] ?? ''];
    if (input === undefined) throw new Error(`The case has no value ${id}.`);
    return input;
  };
  const context: RunContext = {
    seed: 1,
    shape: (id) => given(id).shape,
    write: () => undefined,
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
    const gradients = new Map<ValueId, Tensor>();
    for (const [id, contribution] of rule.backward(node, dy, result.saved, wanted, context)) {
      const before = gradients.get(id);
      gradients.set(id, before === undefined ? contribution : add(before, contribution));
    }
    expect(new Set(gradients.keys())).toEqual(wanted);
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
