import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestOptions } from '../training/client/client';
import type { Requests } from '../protocol/protocol';
import { createLatest } from './latest';

interface Asked {
  readonly query: string;
  readonly options: RequestOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}
const asked = vi.hoisted((): Asked[] => []);
vi.mock('./client', () => ({
  client: {
    request: (_type: string, params: { readonly query: string }, options: RequestOptions) =>
      new Promise((resolve, reject) => asked.push({ query: params.query, options, resolve, reject })),
  },
}));

const params = (query: string): Requests['searchImages']['params'] => ({
  weights: { kind: 'base', model: 'm' },
  datasetId: 'd',
  query,
  count: 10,
});
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('createLatest', () => {
  beforeEach(() => {
    asked.length = 0;
  });

  it('asks the newest question after the one under way, and none between', async () => {
    const store = createLatest('searchImages');
    for (const query of ['s', 'sa', 'sail', 'sailboat']) store.getState().ask('base', query, params(query));
    expect(asked.map(({ query }) => query)).toEqual(['s']);
    asked[0]?.resolve(['old']);
    await settled();
    expect(asked.map(({ query }) => query)).toEqual(['s', 'sailboat']);
    expect(store.getState().answers['base']).toMatchObject({ asked: 'sailboat', answered: null, result: null });
    asked[1]?.resolve(['new']);
    await settled();
    expect(store.getState().answers['base']).toMatchObject({ answered: 'sailboat', result: ['new'], task: null });
  });

  it('keeps the last answer while a new one is found', async () => {
    const store = createLatest('searchImages');
    store.getState().ask('base', 'a', params('a'));
    asked[0]?.resolve(['a']);
    await settled();
    store.getState().ask('base', 'b', params('b'));
    expect(store.getState().answers['base']).toMatchObject({ asked: 'b', answered: 'a', result: ['a'] });
  });

  it('shows progress, asks each asker apart, and never the same twice', () => {
    const store = createLatest('searchImages');
    store.getState().ask('base', 'a', params('a'));
    store.getState().ask('base', 'a', params('a'));
    store.getState().ask('tuned', 'a', params('a'));
    expect(asked).toHaveLength(2);
    asked[0]?.options.onProgress?.({ label: 'Looking', done: 5, total: 9 });
    expect(store.getState().answers['base']?.task).toMatchObject({ label: 'Looking', done: 5 });
    expect(store.getState().answers['tuned']?.task).toMatchObject({ done: 0 });
  });

  it('says why there is no answer, and tries again when asked again', async () => {
    const store = createLatest('searchImages');
    store.getState().ask('base', 'a', params('a'));
    asked[0]?.reject(new Error('The model is gone.'));
    await settled();
    expect(store.getState().answers['base']).toMatchObject({ problem: 'The model is gone.', task: null });
    store.getState().ask('base', 'a', params('a'));
    expect(asked).toHaveLength(2);
    expect(store.getState().answers['base']?.problem).toBeNull();
  });
});
