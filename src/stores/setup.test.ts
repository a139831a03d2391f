import { beforeEach, expect, it, vi } from 'vitest';
import type { Capabilities } from '../protocol/machine';
import type { ModelSummary } from '../protocol/models';
import { taskIdOf } from '../tasks';
import { useMachineStore } from './machine';
import { useModelStore } from './model';
import { useRecipeStore } from './recipe';
import { setUp, takeFix } from './setup';
import { startTask } from './task';

vi.mock('./client', () => ({ client: { request: vi.fn(), crashed: vi.fn() } }));
vi.mock('./settings', () => ({ readSetting: () => Promise.resolve(null), writeSetting: () => Promise.resolve() }));

const machine = (accelerated: boolean) =>
  ({ chosen: accelerated ? 'webgpu' : 'tfjs-wasm', softwareAdapter: false }) as unknown as Capabilities;
const openModel = vi.fn(() => Promise.resolve());
const initial = useRecipeStore.getState();

beforeEach(() => {
  openModel.mockClear();
  useRecipeStore.setState(initial, true);
  useMachineStore.setState({ capabilities: machine(true) });
  useModelStore.setState({
    model: { id: 'seed-clip', tasks: ['contrastive', 'classification'] } as unknown as ModelSummary,
    opening: null,
    openModel,
  });
});

/** What is known of a model that is opening. */
const opening = (model: string) => ({ model, task: startTask('Opening the model'), cancel: vi.fn() });

it('sets task, preset and fields, and opens a model only where another is needed', () => {
  setUp({ task: 'classification', model: 'seed-clip', preset: 'full', change: { classWeights: 'balanced' } });
  const { recipe, preset } = useRecipeStore.getState();
  expect([taskIdOf(recipe), preset, recipe.task]).toMatchObject([
    'classification',
    'full',
    { classWeights: 'balanced' },
  ]);
  expect(openModel).not.toHaveBeenCalled();
  setUp({ task: 'classification', model: 'other' });
  expect(openModel).toHaveBeenCalledWith('other');
});

it('keeps the settings where no preset is said', () => {
  useRecipeStore.getState().change({ learningRate: 0.5 });
  setUp({ task: 'classification' });
  expect(useRecipeStore.getState().recipe).toMatchObject({ learningRate: 0.5, task: { type: 'classification' } });
});

it('takes the quick preset without a GPU, also where that is known only later', () => {
  useMachineStore.setState({ capabilities: null });
  setUp({ task: 'classification', preset: 'full', change: { classWeights: 'balanced' } });
  expect(useRecipeStore.getState().preset).toBe('full');
  useMachineStore.setState({ capabilities: machine(false) });
  expect(useRecipeStore.getState()).toMatchObject({ preset: 'quick', recipe: { task: { classWeights: 'balanced' } } });
});

it('leaves what was changed meanwhile alone', () => {
  useMachineStore.setState({ capabilities: null });
  setUp({ task: 'classification', preset: 'full' });
  useRecipeStore.getState().change({ epochs: 3 });
  useMachineStore.setState({ capabilities: machine(false) });
  expect(useRecipeStore.getState()).toMatchObject({ preset: 'full', recipe: { epochs: 3 } });
});

it('opens the model that a finding proposes, where it is not open', () => {
  takeFix({ label: 'Use Seed BLIP', change: { model: 'seed-blip' } });
  expect(useRecipeStore.getState().recipe.model).toBe('seed-blip');
  expect(openModel).toHaveBeenCalledExactlyOnceWith('seed-blip');
  takeFix({ label: 'Smaller batches', change: { batchSize: 4 } });
  takeFix({ label: 'Use Seed CLIP', change: { model: 'seed-clip' } });
  expect(openModel).toHaveBeenCalledOnce();
});

it('gives up a model that is opening where the one that is open is wanted, and does not open one twice', () => {
  const other = opening('seed-blip');
  useModelStore.setState({ opening: other });
  setUp({ task: 'answering', model: 'seed-blip' });
  expect(other.cancel).not.toHaveBeenCalled();
  setUp({ task: 'contrastive', model: 'seed-clip' });
  expect(other.cancel).toHaveBeenCalledOnce();
  expect(useModelStore.getState().opening).toBeNull();
  expect(useRecipeStore.getState().recipe.model).toBe('seed-clip');
  expect(openModel).not.toHaveBeenCalled();
});

it('takes another model where the one that was opening turns out not to be fit for the task', () => {
  useModelStore.setState({ opening: opening('far') });
  setUp({ task: 'contrastive' });
  expect(openModel).not.toHaveBeenCalled();
  const model = { id: 'far', tasks: ['captioning'] } as unknown as ModelSummary;
  useModelStore.setState({ model });
  useModelStore.setState({ opening: null });
  expect(openModel).toHaveBeenCalledExactlyOnceWith('seed-clip');
  useModelStore.setState({ model: null, opening: opening('far') });
  setUp({ task: 'contrastive' });
  useRecipeStore.getState().change({ task: 'captioning' });
  useModelStore.setState({ model, opening: null });
  expect(openModel).toHaveBeenCalledOnce();
});
