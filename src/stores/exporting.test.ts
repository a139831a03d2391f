import { expect, it, vi } from 'vitest';
import { exportKey, startExport, useExports } from './exporting';

const request = vi.hoisted(() => vi.fn<(type: string, params: { readonly precision: string }) => Promise<unknown>>());
vi.mock('./client', () => ({ client: { request } }));

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const params = (precision: 'float32' | 'float16') =>
  ({ weights: { kind: 'base', model: 'm' }, precision, datasetId: 'd' }) as const;
const kept = (): string[] => Object.keys(useExports.getState().jobs);

it('keeps both precisions of the newest weights and data in memory, and no other zip', async () => {
  request.mockImplementation((_type, { precision }) => Promise.resolve(`zip in ${precision}`));
  startExport('run 1', 'data', params('float32'));
  startExport('run 1', 'data', params('float16'));
  await settled();
  expect(kept()).toEqual([exportKey('run 1', 'data', 'float32'), exportKey('run 1', 'data', 'float16')]);
  startExport('run 2', 'data', params('float32'));
  await settled();
  expect(kept()).toEqual([exportKey('run 2', 'data', 'float32')]);
  startExport('run 2', 'edited data', params('float32'));
  await settled();
  expect(kept()).toEqual([exportKey('run 2', 'edited data', 'float32')]);
});
