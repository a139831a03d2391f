import { describe, expect, it } from 'vitest';
import { stageViews, type StudioState } from './stages';

const empty: StudioState = {
  loaded: true,
  importing: null,
  pictures: 0,
  withoutCaption: 0,
  model: null,
  opening: null,
  modelProblem: null,
  recipe: 'full · lr 3e-4 · 15 epochs',
  blocked: 'There are no pictures yet.',
  warnings: 0,
  active: null,
  finished: 0,
};
const ready: StudioState = {
  ...empty,
  pictures: 1590,
  model: { name: 'Seed CLIP', parameters: 5_365_633 },
  blocked: null,
};

const shown = (state: StudioState) =>
  Object.fromEntries(stageViews(state).map((view) => [view.path, `${view.state}: ${view.detail}`]));

describe('stageViews', () => {
  it('begins with what is missing', () => {
    expect(shown(empty)).toEqual({
      data: 'empty: no pictures yet',
      model: 'empty: none yet',
      recipe: 'ready: full · lr 3e-4 · 15 epochs',
      train: 'empty: needs pictures',
      evaluate: 'empty: needs pictures',
      playground: 'empty: needs pictures',
      export: 'empty: after training',
    });
  });

  it('is ready with pictures and a model', () => {
    expect(shown(ready)).toMatchObject({
      data: 'ready: 1,590 pictures',
      model: 'ready: Seed CLIP · 5.4 M',
      train: 'ready: ready to start',
      playground: 'ready: base model ready',
    });
  });

  it('points at what needs a look', () => {
    expect(shown({ ...ready, withoutCaption: 3, warnings: 1, blocked: 'No.' })).toMatchObject({
      data: 'attention: 1,590 pictures · 3 to look at',
      recipe: 'attention: full · lr 3e-4 · 15 epochs',
      train: 'attention: cannot start yet',
    });
    expect(shown({ ...empty, modelProblem: 'cut short' })).toMatchObject({ model: 'attention: could not be opened' });
  });

  it('shows work under way with its share', () => {
    const views = stageViews({
      ...ready,
      importing: { done: 30, total: 120 },
      opening: { done: 5, total: null },
      active: { step: 744, totalSteps: 1200, loss: 0.8404, phase: 'training' },
    });
    expect(views[0]).toMatchObject({ state: 'running', detail: 'adding, 25 %', fraction: 0.25 });
    expect(views[1]).toMatchObject({ state: 'running', detail: 'opening', fraction: null });
    expect(views[3]).toMatchObject({ state: 'running', detail: '62 % · loss 0.84', fraction: 0.62 });
    const warming = { step: 0, totalSteps: 0, loss: null, phase: 'warming-up' };
    expect(stageViews({ ...ready, active: warming })[3]).toMatchObject({ detail: 'warming up', fraction: null });
  });

  it('counts the runs to evaluate, search and export', () => {
    expect(shown({ ...ready, finished: 2 })).toMatchObject({ evaluate: 'ready: 2 runs', export: 'ready: 2 runs' });
  });
});
