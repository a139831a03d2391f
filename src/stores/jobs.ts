import { create, type StoreApi, type UseBoundStore } from 'zustand';
import { isCancelled } from '../protocol/errors';
import type { Requests, RequestType } from '../protocol/protocol';
import { client } from './client';
import { advanceTask, startTask, type TaskProgress } from './task';

/** Something the worker computes for a while. It goes on while one looks at another page, and its result is there on return. */
export type Job<Result> =
  | { readonly state: 'running'; readonly task: TaskProgress; readonly cancel: () => void }
  | { readonly state: 'done'; readonly result: Result }
  | { readonly state: 'failed'; readonly message: string };

interface JobsState<Type extends RequestType> {
  /** By a key that says what was asked. */
  readonly jobs: Readonly<Record<string, Job<Requests[Type]['result']>>>;
  /** Asks the worker, unless the same is being computed; an earlier result gives way. A cancelled job leaves nothing. */
  readonly start: (key: string, params: Requests[Type]['params']) => void;
  /** Forgets results and failures whose key the predicate picks. Jobs under way go on. */
  readonly drop: (which: (key: string) => boolean) => void;
}

/** A store of jobs of one kind of request. */
export function createJobs<Type extends RequestType>(
  type: Type,
  firstLabel: string,
): UseBoundStore<StoreApi<JobsState<Type>>> {
  return create<JobsState<Type>>()((set, get) => {
    type AnyJob = Job<Requests[Type]['result']>;
    const put = (key: string, job: AnyJob): void => set(({ jobs }) => ({ jobs: { ...jobs, [key]: job } }));
    const without = (which: (key: string, job: AnyJob) => boolean): void =>
      set(({ jobs }) => ({ jobs: Object.fromEntries(Object.entries(jobs).filter(([key, job]) => !which(key, job))) }));

    async function run(key: string, params: Requests[Type]['params']): Promise<void> {
      const controller = new AbortController();
      const cancel = (): void => controller.abort();
      const mine = (): Extract<AnyJob, { state: 'running' }> | null => {
        const job = get().jobs[key];
        return job?.state === 'running' && job.cancel === cancel ? job : null;
      };
      put(key, { state: 'running', task: startTask(firstLabel), cancel });
      try {
        const result = await client.request(type, params, {
          signal: controller.signal,
          onProgress(progress) {
            const job = mine();
            if (job !== null) put(key, { ...job, task: advanceTask(job.task, progress) });
          },
        });
        if (mine() !== null) put(key, { state: 'done', result });
      } catch (error) {
        if (mine() === null) return;
        if (isCancelled(error)) without((each) => each === key);
        else put(key, { state: 'failed', message: error instanceof Error ? error.message : String(error) });
      }
    }

    return {
      jobs: {},
      start(key, params) {
        if (get().jobs[key]?.state !== 'running') void run(key, params);
      },
      drop: (which) => without((key, job) => job.state !== 'running' && which(key)),
    };
  });
}
