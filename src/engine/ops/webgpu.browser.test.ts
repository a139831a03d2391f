import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireDevice } from '../device';
import { opCases } from '../fixtures/load';
import { createWebGpuExecutor, type WebGpuExecutor } from '../webgpu/executor';
import { operationNames } from '.';
import { relativeError, runOpCase } from '../webgpu/op-testing';

describe.each([false, true])('operations against PyTorch, cooperative kernels: %s', (cooperative) => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await createWebGpuExecutor(await acquireDevice(), {
      choice: { target: { cooperative } },
      selfTest: false,
    });
  });

  afterAll(() => executor.dispose());

  for (const op of operationNames) {
    it.each(opCases(op).map((testCase) => [testCase.name, testCase] as const))(`${op}: %s`, async (_, testCase) => {
      const { y, gradients } = await runOpCase(executor, op, testCase);
      expect(relativeError(y, testCase.y.data)).toBeLessThan(2e-5);
      for (const [role, expected] of Object.entries(testCase.gradients)) {
        const actual = gradients.get(role) ?? new Float32Array();
        expect(relativeError(actual, expected.data), `gradient of ${role}`).toBeLessThan(5e-5);
      }
    });
  }
});
