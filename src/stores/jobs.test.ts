import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestOptions } from '../training/client/client';
import { StudioError } from '../protocol/errors';
import { createJobs } from './jobs';

type Ask = (type: string, params: unknown, options: RequestOptions) => Promise<unknown>;
const request = vi.hoisted(() => vi.fn<Ask>());
vi.mock('./client', () => ({ client: { request } }));

const params = { weights: { kind: 'base', model: 'm' }, datasetId: 'd', split: 'test' } as const;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('createJobs', () => {
  beforeEach(() => {
    request.mockReset();
  });

  it('keeps progress and then the result', async () => {
    const jobs = createJobs('evaluate', 'Evaluating');
    let finish: (value: unknown) => void = () => undefined;
    request.mockImplementation((_type, _params, { onProgress }) => {
      onProgress?.({ label: 'Pictures', done: 3, total: 10 });
      return new Promise((resolve) => (finish = resolve));
    });
    jobs.getState().start('a', params);
    expect(jobs.getState().jobs['a']).toMatchObject({
      state: 'running',
      task: { label: 'Pictures', done: 3, total: 10 },
    });
    finish('report');
    await settled();
    expect(jobs.getState().jobs['a']).toEqual({ state: 'done', result: 'report' });
  });

  it('asks once for what is being computed already', () => {
    const jobs = createJobs('evaluate', 'Evaluating');
    request.mockReturnValue(new Promise(() => undefined));
    jobs.getState().start('a', params);
    jobs.getState().start('a', params);
    jobs.getState().start('b', params);
    expect(request).toHaveBeenCalledTimes(2);
  });

  it('keeps a failure with its message, and forgets what was cancelled', async () => {
    const jobs = createJobs('evaluate', 'Evaluating');
    request.mockRejectedValueOnce(new StudioError('too-few', 'There are no test pictures.'));
    request.mockRejectedValueOnce(new StudioError('cancelled', 'Cancelled.'));
    jobs.getState().start('a', params);
    jobs.getState().start('b', params);
    await settled();
    expect(jobs.getState().jobs).toEqual({ a: { state: 'failed', message: 'There are no test pictures.' } });
  });

  it('drops results, and leaves alone what runs', async () => {
    const jobs = createJobs('evaluate', 'Evaluating');
    let finish: (value: unknown) => void = () => undefined;
    request.mockResolvedValueOnce('early');
    request.mockResolvedValueOnce('other');
    request.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
    for (const key of ['run-1', 'base', 'run-2']) jobs.getState().start(key, params);
    await settled();
    jobs.getState().drop((key) => key.startsWith('run-'));
    expect(Object.keys(jobs.getState().jobs)).toEqual(['base', 'run-2']);
    finish('late');
    await settled();
    expect(jobs.getState().jobs['run-2']).toEqual({ state: 'done', result: 'late' });
  });
});
