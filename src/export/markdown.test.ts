import { describe, expect, it } from 'vitest';
import { inline, plainText, table } from './markdown';

describe('names in a model card', () => {
  it('have one line, and nothing that hides or turns what follows', () => {
    expect(plainText(' my\nset\u0000 ')).toBe('my set');
    expect(plainText('photo\u202egpj.exe \u2066inner\u2069')).toBe('photo gpj.exe inner');
    // What joins the parts of an emoji is no such thing.
    expect(plainText('👩‍🚀 שלום')).toBe('👩‍🚀 שלום');
  });

  it('are no markup', () => {
    expect(inline('[x](javascript:alert(1)) <img src=x> `a`')).toBe(
      '\\[x\\](javascript:alert(1)) \\<img src=x\\> \\`a\\`',
    );
    expect(table(['a|b'], [['c|d']])).toBe('| a\\|b |\n| --- |\n| c\\|d |');
  });
});
