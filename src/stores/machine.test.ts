import { beforeEach, expect, it, vi } from 'vitest';
import { useMachineStore } from './machine';
import { Waiting } from './testing/waiting';

const worker = vi.hoisted(() => ({ request: vi.fn(), crashed: vi.fn<(listener: () => void) => void>() }));
vi.mock('./client', () => ({ client: worker }));
vi.mock('./backend', () => ({ forcedBackend: () => Promise.resolve('tfjs-wasm') }));

const state = useMachineStore.getState;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let requests: Waiting<[string, unknown], unknown>;
beforeEach(() => {
  requests = new Waiting();
  worker.request.mockImplementation(requests.ask);
});

it('tells a new worker what to compute with, and not again when it dies of that', async () => {
  void state().start();
  await settled();
  const crash = worker.crashed.mock.calls.at(-1)?.[0] ?? (() => undefined);
  await vi.waitFor(() => expect(requests.asked.some(({ args: [type] }) => type === 'probe')).toBe(true));
  const probes = () => requests.asked.filter(({ args: [type] }) => type === 'probe');
  crash();
  await settled();
  expect(probes()).toHaveLength(1);
  probes()[0]?.answer({ chosen: 'tfjs-wasm' });
  await settled();
  crash();
  await settled();
  expect(probes()).toHaveLength(2);
});
