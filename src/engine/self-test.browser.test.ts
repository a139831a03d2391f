import { expect, it } from 'vitest';
import { acquireDevice } from './device';
import { passes } from './self-test';
import { attentionCheck, layerNormCheck, linearChecks, lossCheck, optimizerCheck } from './self-test-checks';
import { runKernels } from './webgpu/kernel-run';
import { DeviceMemory } from './webgpu/memory';
import { PipelineCache } from './webgpu/pipelines';

it('every check passes on this adapter, with shared and with lone kernels', async () => {
  const { device } = await acquireDevice();
  const memory = new DeviceMemory(device);
  const cache = new PipelineCache(device);
  const checks = [
    ...(['forward', 'input', 'weight'] as const).flatMap((pass) =>
      linearChecks(pass, { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] }),
    ),
    attentionCheck({ kind: 'rows' }),
    ...[true, false].flatMap((cooperative) => [
      layerNormCheck({ cooperative }),
      lossCheck({ cooperative }),
      optimizerCheck({ cooperative }),
    ]),
  ];
  for (const check of checks) {
    const passed = await passes(
      (one, results) => runKernels(device, memory, cache, one.data, one.steps, results),
      check,
    );
    expect(passed, check.steps.map(([kernel]) => kernel.label).join('; ')).toBe(true);
  }
  expect(memory.ledger()).toMatchObject({ other: 0, activations: 0 });
  device.destroy();
});
