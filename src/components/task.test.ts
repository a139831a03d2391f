import { expect, it } from 'vitest';
import { advanceTask, startTask, taskPace } from './task';

it('measures each phase of a task on its own', () => {
  let task = startTask('Reading', 0);
  expect(taskPace(task)).toEqual({ rate: null, secondsLeft: null });
  task = advanceTask(task, { label: 'Reading', done: 50, total: 200 }, 1000);
  // The first message named the phase that startTask had announced.
  expect(taskPace(task)).toEqual({ rate: 50, secondsLeft: 3 });
  task = advanceTask(task, { label: 'Storing', done: 10, total: 100 }, 5000);
  expect(taskPace(task)).toEqual({ rate: null, secondsLeft: null });
  task = advanceTask(task, { label: 'Storing', done: 60, total: 100 }, 7000);
  expect(taskPace(task)).toEqual({ rate: 30, secondsLeft: 40 / 30 });
});
