import { expect, it } from 'vitest';
import { advanceTask, startTask } from './task';

it('measures each phase of a task on its own', () => {
  let task = startTask('Reading', 'items', 0);
  expect(task).toMatchObject({ rate: null, secondsLeft: null });
  task = advanceTask(task, { label: 'Reading', done: 50, total: 200 }, 1000);
  expect(task).toMatchObject({ rate: 50, secondsLeft: 3 });
  task = advanceTask(task, { label: 'Storing', done: 10, total: 100 }, 5000);
  expect(task).toMatchObject({ rate: null, secondsLeft: null });
  task = advanceTask(task, { label: 'Storing', done: 70, total: 100 }, 7000);
  expect(task).toMatchObject({ rate: 30, secondsLeft: 1 });
  task = advanceTask(task, { label: 'Storing', done: 80, total: null }, 8000);
  expect(task.secondsLeft).toBeNull();
});

it('counts bytes until another thing is counted', () => {
  let task = startTask('Loading', 'items', 0);
  task = advanceTask(task, { label: 'Loading', done: 5e6, total: 1e7, unit: 'bytes' }, 100);
  task = advanceTask(task, { label: 'Loading', done: 6e6, total: 1e7 }, 200);
  expect(task.unit).toBe('bytes');
  task = advanceTask(task, { label: 'Storing pictures', done: 1, total: 10 }, 300);
  expect(task.unit).toBe('items');
});
