import { beforeEach, expect, it, vi } from 'vitest';
import { StudioError } from '../protocol/errors';
import type { ModelSummary } from '../protocol/models';
import { useModelStore } from './model';
import { useRecipeStore } from './recipe';
import { Waiting } from './testing/waiting';

const worker = vi.hoisted(() => ({ request: vi.fn(), crashed: vi.fn<(listener: () => void) => void>() }));
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

it('starts with the model of the recipe, and leaves alone what was asked for while the studio was starting', async () => {
  useModelStore.setState({ model: null });
  const asked = state().openModel('of an example');
  await state().openFirst('of the recipe');
  expect(requests.asked).toHaveLength(1);
  requests.asked[0]?.answer(model('of an example'));
  await asked;
  await state().openFirst('of the recipe');
  expect(state().model?.id).toBe('of an example');
  useModelStore.setState({ model: null });
  const first = state().openFirst('of the recipe');
  requests.asked.at(-1)?.answer(model('of the recipe'));
  await first;
  expect(state().model?.id).toBe('of the recipe');
});

it('offers to fetch a model again that the network kept from coming, and none that would not open either', async () => {
  const failing = async (code: string): Promise<string | null> => {
    worker.request.mockRejectedValueOnce(new StudioError(code, 'It did not come.'));
    await state().openModel('far');
    expect(state().problem).toBe('It did not come.');
    return state().failed;
  };
  expect(await failing('unsupported')).toBeNull();
  expect(await failing('network')).toBe('far');
  const again = state().openModel('far');
  expect(state()).toMatchObject({ problem: null, failed: null });
  requests.asked.at(-1)?.answer(model('far'));
  await again;
  expect(state()).toMatchObject({ model: { id: 'far' }, problem: null, failed: null });
});

it('keeps the open model where it is wanted after all while another opens', async () => {
  const first = state().changeTo('first');
  requests.asked.at(-1)?.answer(model('first'));
  await first;
  const slow = state().changeTo('slow');
  await state().changeTo('slow');
  expect(requests.asked).toHaveLength(2);
  await state().changeTo('first');
  requests.asked.at(-1)?.answer(model('slow'));
  await slow;
  expect(state()).toMatchObject({ model: { id: 'first' }, opening: null, problem: null });
  expect(useRecipeStore.getState().recipe.model).toBe('first');
});

it('tells a new worker which hub models come from', async () => {
  await state().start();
  state().setHubBase('https://hub.example');
  const before = requests.asked.length;
  worker.crashed.mock.calls.at(-1)?.[0]();
  expect(requests.asked.slice(before).map(({ args }) => args)).toEqual([
    ['nameHub', { hubBase: 'https://hub.example' }],
  ]);
});
