import { beforeEach, expect, it, vi } from 'vitest';
import type { ModelSummary } from '../protocol/protocol';
import { useModelStore } from './model';
import { Waiting } from './testing/waiting';

const worker = vi.hoisted(() => ({ request: vi.fn() }));
vi.mock('./client', () => ({ client: worker }));
vi.mock('./settings', () => ({ readSetting: () => Promise.resolve(null), writeSetting: () => Promise.resolve() }));

const state = useModelStore.getState;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let requests: Waiting<[string, unknown], unknown>;
beforeEach(() => {
  requests = new Waiting();
  worker.request.mockImplementation(requests.ask);
});

const model = (id: string): ModelSummary => ({ id }) as ModelSummary;

it('shows the model that was asked for last', async () => {
  const openings = [state().openModel('slow'), state().openModel('quick')];
  const [slow, quick] = requests.asked.filter(({ args: [type] }) => type === 'openModel');
  quick?.answer(model('quick'));
  await settled();
  slow?.answer(model('slow'));
  await Promise.all(openings);
  expect(state().model?.id).toBe('quick');
});
