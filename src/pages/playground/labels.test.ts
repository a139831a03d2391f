import { describe, expect, it } from 'vitest';
import { labellingOf, maxLabels, parseLabels, templateProblem } from './labels';

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

describe('labellingOf', () => {
  it('finds the sentence that captions have in common, and the bare words that differ', () => {
    const captions = ['dog', 'owl', 'red panda'].map((word) => `a photo of ${word === 'owl' ? 'an' : 'a'} ${word}`);
    expect(labellingOf([...captions, ...captions])).toEqual({
      labels: ['dog', 'owl', 'red panda'],
      template: 'a photo of a {label}',
    });
    expect(labellingOf(['A drawing of cats on white', 'A drawing of dogs on white'])).toEqual({
      labels: ['cats', 'dogs'],
      template: 'A drawing of {label} on white',
    });
  });

  it('lets a few captions differ', () => {
    const captions = Array.from({ length: 12 }, (_, i) => `an image of a thing${i}`);
    const { labels, template } = labellingOf([...captions, 'something else']);
    expect(template).toBe('an image of a {label}');
    expect(labels).toContain('thing3');
    expect(labels).toContain('something else');
  });

  it('takes names as they are, up to their first comma, and a few of many', () => {
    expect(labellingOf(['abacus, calculation', 'anchor, ship, tool']).labels).toEqual(['abacus', 'anchor']);
    expect(labellingOf(Array.from({ length: 300 }, (_, i) => `name${i}`)).labels).toHaveLength(5);
    expect(labellingOf([])).toEqual({ labels: [], template: 'a photo of a {label}' });
  });

  it('does not take a caption that is said of all pictures for a template', () => {
    expect(labellingOf(['a dog', 'a dog', 'a dog']).labels).toEqual(['a dog']);
  });

  it('does not repeat the usual template where one label alone is given in it', () => {
    expect(labellingOf(['a photo of a dog'])).toEqual({ labels: ['dog'], template: 'a photo of a {label}' });
  });
});
