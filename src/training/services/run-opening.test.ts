import { expect, test, vi } from 'vitest';
import type { Run } from '../../runs/types';
import type { Backend } from '../compute/backend';
import type { Reporter } from '../session/reporter';
import { recipeOf, runOf } from '../testing/fakes';
import type { ModelLibrary } from './models';
import { openRun } from './run-opening';

const recipe = recipeOf({ model: 'someone/clip' });
const usual = 'https://huggingface.co';

/** Where the model of a run is looked for. */
async function hubOf(left: Run | null): Promise<unknown> {
  const openAt = vi.fn<ModelLibrary['openAt']>().mockRejectedValue(new Error('far enough'));
  const models = { openAt, usualHub: usual } as unknown as ModelLibrary;
  const reporter = { phase: vi.fn() } as unknown as Reporter;
  const services = { backend: {} as Backend, models };
  const { signal } = new AbortController();
  const opened = openRun(services, { datasetId: 'd', left }, recipe, reporter, signal);
  await expect(opened).rejects.toThrow('far enough');
  return openAt.mock.calls[0]?.[1];
}

test('a run goes on from the model of the hub that it began with, and a new one takes that of the usual hub', async () => {
  const base = { id: 'someone/clip', digest: 'a', hub: 'https://hub.example', revision: null };
  expect(await hubOf(runOf(recipe, { base }))).toBe('https://hub.example');
  expect(await hubOf(runOf(recipe, { base: { ...base, hub: null } }))).toBe(usual);
  expect(await hubOf(null)).toBe(usual);
});
