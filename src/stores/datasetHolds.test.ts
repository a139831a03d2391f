import { describe, expect, it } from 'vitest';
import { finishedRun } from '../export/testing/facts';
import { datasetHolds, type DatasetWork } from './datasetHolds';

const free: DatasetWork = { importing: false, live: null, runs: [finishedRun] };
const nothing = { remove: null, removePicture: null, split: null };
const id = finishedRun.dataset.id;
const live = { runId: 'mine', name: 'bold-lynx', datasetId: id, end: null };
const training = 'bold-lynx is training on these pictures. Wait for its end, or stop it on the Train page.';

describe('datasetHolds', () => {
  it('lets go of a dataset that nothing works on', () => {
    expect(datasetHolds(id, free)).toEqual(nothing);
    expect(datasetHolds(id, { ...free, runs: null })).toEqual(nothing);
  });

  it('keeps the pictures of the run in progress, and of no other dataset', () => {
    expect(datasetHolds(id, { ...free, live })).toEqual({ remove: training, removePicture: training, split: null });
    expect(datasetHolds('other', { ...free, live })).toEqual(nothing);
  });

  it('keeps the pictures of a run of another tab', () => {
    const theirs = { ...finishedRun, name: 'bold-lynx', state: 'running' as const };
    expect(datasetHolds(id, { ...free, runs: [theirs] }).remove).toBe(training);
    expect(datasetHolds('other', { ...free, runs: [theirs] })).toEqual(nothing);
  });

  it('lets go when the run has ended, before its stored record says so', () => {
    const ended = { ...live, end: { reason: 'finished', message: '', bestStep: null } as const };
    const record = { ...finishedRun, id: 'mine', state: 'running' as const };
    expect(datasetHolds(id, { ...free, live: ended, runs: [record] })).toEqual(nothing);
  });

  it('neither deletes nor splits while pictures are added', () => {
    const adding = 'Pictures are being added. Wait for them, or cancel.';
    expect(datasetHolds(id, { ...free, importing: true })).toEqual({
      remove: adding,
      removePicture: null,
      split: adding,
    });
  });
});
