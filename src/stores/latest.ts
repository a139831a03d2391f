import { create, type StoreApi, type UseBoundStore } from 'zustand';
import { isCancelled } from '../protocol/errors';
import type { Requests, RequestType } from '../protocol/protocol';
import { client } from './client';
import { advanceTask, startTask, type TaskProgress } from './task';

/** The newest question of one asker, and the newest answer that has come. */
export interface Answer<Result> {
  /** What was asked last. */
  readonly asked: string;
  /** What `result` answers; null before the first answer. Where it is not `asked`, the result is out of date. */
  readonly answered: string | null;
  readonly result: Result | null;
  /** Set while the worker works. */
  readonly task: TaskProgress | null;
  /** Why the newest question has no answer, for the user. */
  readonly problem: string | null;
}

interface LatestState<Type extends RequestType> {
  /** By asker. */
  readonly answers: Readonly<Record<string, Answer<Requests[Type]['result']>>>;
  /**
   * Asks for an asker. While an earlier question of the same asker is under way the newest one waits and all between are never asked: what is
   * under way may be an index that all questions need, so it is not cut short.
   *
   * @param key says what is asked; the same key again asks only after a failure
   */
  readonly ask: (asker: string, key: string, params: Requests[Type]['params']) => void;
}

/** A store of questions of which only the newest counts. */
export function createLatest<Type extends RequestType>(type: Type): UseBoundStore<StoreApi<LatestState<Type>>> {
  type Params = Requests[Type]['params'];
  type Known = Answer<Requests[Type]['result']>;
  const waiting = new Map<string, { readonly key: string; readonly params: Params }>();
  const nothing: Known = { asked: '', answered: null, result: null, task: null, problem: null };

  return create<LatestState<Type>>()((set, get) => {
    const change = (asker: string, part: Partial<Known>): void =>
      set(({ answers }) => ({ answers: { ...answers, [asker]: { ...(answers[asker] ?? nothing), ...part } } }));

    async function work(asker: string): Promise<void> {
      for (let next = waiting.get(asker); next !== undefined; next = waiting.get(asker)) {
        waiting.delete(asker);
        change(asker, { task: startTask('Thinking'), problem: null });
        await answer(asker, next.key, next.params);
      }
      change(asker, { task: null });
    }

    async function answer(asker: string, key: string, params: Params): Promise<void> {
      const isNewest = (): boolean => get().answers[asker]?.asked === key;
      try {
        const result = await client.request(type, params, {
          onProgress(progress) {
            const task = get().answers[asker]?.task ?? startTask(progress.label);
            change(asker, { task: advanceTask(task, progress) });
          },
        });
        if (isNewest()) change(asker, { answered: key, result });
      } catch (error) {
        if (isNewest() && !isCancelled(error)) {
          change(asker, { problem: error instanceof Error ? error.message : String(error) });
        }
      }
    }

    return {
      answers: {},
      ask(asker, key, params) {
        const known = get().answers[asker];
        if (known?.asked === key && known.problem === null) return;
        waiting.set(asker, { key, params });
        change(asker, { asked: key });
        if ((known?.task ?? null) === null) void work(asker);
      },
    };
  });
}
