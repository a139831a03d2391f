import { describe, expect, it } from 'vitest';
import { decodeGroups, encodeGroups } from './groupCode';

describe('layer lists in links', () => {
  it.each([
    [[], ''],
    [['logit_scale'], '~logit_scale'],
    [['vision.blocks.0', 'vision.blocks.11', 'text.head'], '~text.head~vision.blocks*801'],
    [['a', 'a.1', 'a.99'], `~a~a*${((1n << 99n) | 2n).toString(16)}`],
  ])('%j is read as it was written', (ids, code) => {
    expect(encodeGroups(ids)).toBe(code);
    expect(new Set(decodeGroups(code))).toEqual(new Set(ids));
  });

  it('what earlier versions wrote of CLIP means what it did', () => {
    expect(decodeGroups('v5.3_t2.800_s')).toEqual([
      'vision.embeddings',
      'vision.projection',
      'vision.blocks.0',
      'vision.blocks.1',
      'text.final_norm',
      'text.blocks.11',
      'logit_scale',
    ]);
    expect(decodeGroups('s')).toEqual(['logit_scale']);
  });

  it.each([7, 'v9.0', '~', '~a b', '~a*', '~a*xyz', `~a*${'f'.repeat(26)}`])('%j is none', (code) => {
    expect(decodeGroups(code)).toBeNull();
  });
});
