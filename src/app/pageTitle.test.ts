import { describe, expect, it } from 'vitest';
import { pageOf, pageTitle } from './pageTitle';

describe('pageOf', () => {
  it.each([
    ['/', 'data'],
    ['/train', 'train'],
    ['/r/1.q1YqU7JSSkksSVTSUUpLzCxRslKq1VFKyy_KTSxR0lEqLqksAImVFKUqWekoFQMA', 'recipe'],
    ['/runs/5b0', 'runs/5b0'],
    ['/nowhere', 'data'],
  ])('%s leads to %s', (location, page) => expect(pageOf(location)).toBe(page));
});

describe('pageTitle', () => {
  it('names the page, and how far a run is before all else', () => {
    expect(pageTitle('train', null, null)).toBe('Train – Vernier');
    expect(pageTitle('data', null, 0.429)).toBe('42 % · Data – Vernier');
  });

  it('calls a run by its name', () => {
    expect(pageTitle('runs/5b0', 'Run 3', null)).toBe('Run 3 – Vernier');
    expect(pageTitle('runs/5b0', null, null)).toBe('Run – Vernier');
  });

  it('names pages about several runs', () => {
    expect(pageOf('/runs')).toBe('runs');
    expect(pageTitle('runs', null, null)).toBe('Runs – Vernier');
    expect(pageTitle('runs/compare/5b0+6c1', null, null)).toBe('Comparison – Vernier');
  });

  it('is not done before the last step', () => {
    expect(pageTitle('train', null, 0.29)).toBe('29 % · Train – Vernier');
    expect(pageTitle('train', null, 0.999)).toBe('99 % · Train – Vernier');
    expect(pageTitle('train', null, 1)).toBe('100 % · Train – Vernier');
  });
});
