import { beforeEach, expect, it, vi } from 'vitest';
import type { Capabilities } from '../protocol/machine';
import type { ModelSummary } from '../protocol/models';
import { taskIdOf } from '../tasks';
import { useMachineStore } from './machine';
import { useModelStore } from './model';
import { useRecipeStore } from './recipe';
import { setUp, takeFix } from './setup';

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
    openModel,
  });
});

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
