import { describe, expect, it } from 'vitest';
import { bareLabel, fillTemplate, sentenceOf } from './label-template';

const photo = 'a photo of a {label}';

describe('a template', () => {
  it('takes the label into its place, or is put before it', () => {
    expect(fillTemplate(photo, ' dog ')).toBe('a photo of a dog');
    expect(fillTemplate('a {} square', 'red')).toBe('a red square');
    expect(fillTemplate('a drawing of', 'dog')).toBe('a drawing of dog');
    expect(fillTemplate('{label}', '$&')).toBe('$&');
  });

  it('is not applied to a label that is the whole sentence already', () => {
    expect(fillTemplate(photo, 'a photo of a dog')).toBe('a photo of a dog');
    expect(fillTemplate(photo, 'A photo of an owl')).toBe('A photo of an owl');
    expect(fillTemplate('{label}', 'a dog')).toBe('a dog');
    expect(fillTemplate('a {label} square', 'a red square')).toBe('a red square');
  });

  it('is taken off such a label', () => {
    expect(bareLabel(photo, 'a photo of a dog')).toBe('dog');
    expect(bareLabel(photo, 'a photo of an owl')).toBe('owl');
    expect(bareLabel('a {label} square.', 'a dark red square.')).toBe('dark red');
    expect(bareLabel(photo, 'a photo of')).toBe('a photo of');
    expect(bareLabel(photo, 'dog')).toBe('dog');
  });
});

describe('the sentence of a label', () => {
  const captions = new Set(['a photo of an owl', 'a photo of a dog']);
  const of = (label: string) => sentenceOf(photo, label, (sentence) => captions.has(sentence));

  it('is spelled as the captions are', () => {
    expect(of('owl')).toBe('a photo of an owl');
    expect(of('dog')).toBe('a photo of a dog');
    expect(of('ant')).toBe('a photo of a ant');
  });
});
