import { expect, test, vi } from 'vitest';
import { evaluationKey } from '../../stores/evaluation';
import { earlierReport } from './earlierReport';

vi.mock('../../stores/client', () => ({ client: {} }));

const key = (revision: number, { weights = 'run 1 20', split = 'test', dataset = 'd' } = {}): string =>
  evaluationKey(weights, `${dataset} ${revision}`, split);
const done = (name: string) => ({ state: 'done', name }) as const;
const find = (jobs: Record<string, { readonly state: string }>) => earlierReport(jobs, key(5), 'd 5', 'd');

test('the newest report of the same question on the data as it was', () => {
  const jobs = { [key(2)]: done('older'), [key(4)]: done('newest'), [key(3)]: done('old') };
  expect(find(jobs)).toEqual(done('newest'));
});

test('nothing of other weights, splits or datasets, and nothing unfinished', () => {
  expect(
    find({
      [key(4, { weights: 'run 2 20' })]: done('weights'),
      [key(4, { split: 'train' })]: done('split'),
      [key(4, { dataset: 'e' })]: done('dataset'),
      [key(4)]: { state: 'running' },
      [key(3)]: { state: 'failed' },
    }),
  ).toBeUndefined();
});
