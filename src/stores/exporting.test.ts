import { expect, it, vi } from 'vitest';
import { exportKey, startExport, useExports, type ExportChoice } from './exporting';

const request = vi.hoisted(() => vi.fn<(type: string, params: ExportChoice) => Promise<unknown>>());
vi.mock('./client', () => ({ client: { request } }));

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const choice = (precision: string, format = 'huggingface') => ({ format, options: { precision } });
const params = (precision: string, format?: string) =>
  ({ weights: { kind: 'base', model: 'm' }, ...choice(precision, format), datasetId: 'd' }) as const;
const kept = (): string[] => Object.keys(useExports.getState().jobs);

it('keeps every format and precision of the newest weights and data, and no other zip', async () => {
  request.mockImplementation((_type, { options }) => Promise.resolve(options));
  startExport('run 1', 'data', params('float32'));
  startExport('run 1', 'data', params('float16'));
  startExport('run 1', 'data', params('float16', 'openclip'));
  await settled();
  expect(kept()).toEqual([
    exportKey('run 1', 'data', choice('float32')),
    exportKey('run 1', 'data', choice('float16')),
    exportKey('run 1', 'data', choice('float16', 'openclip')),
  ]);
  startExport('run 2', 'data', params('float32'));
  await settled();
  expect(kept()).toEqual([exportKey('run 2', 'data', choice('float32'))]);
  startExport('run 2', 'edited data', params('float32'));
  await settled();
  expect(kept()).toEqual([exportKey('run 2', 'edited data', choice('float32'))]);
});
