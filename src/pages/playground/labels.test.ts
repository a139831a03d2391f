import { describe, expect, it } from 'vitest';
import { maxLabels, parseLabels, templateProblem } from './labels';

describe('parseLabels', () => {
  it('takes lines and commas, each label once', () => {
    expect(parseLabels(' cat, dog\n\ncat ; red  panda,')).toEqual(['cat', 'dog', 'red  panda']);
    expect(parseLabels(' \n, ')).toEqual([]);
  });
  it('has an end', () => {
    expect(parseLabels(Array.from({ length: 500 }, (_, index) => index).join(','))).toHaveLength(maxLabels);
  });
});

describe('templateProblem', () => {
  it('asks for the place of the label', () => {
    expect(templateProblem('a photo of a {label}')).toBeNull();
    expect(templateProblem('a photo')).toContain('{label}');
  });
});
