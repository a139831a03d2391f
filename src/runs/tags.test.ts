import { expect, test } from 'vitest';
import { tagsIn, tagsText } from './tags';

test('tags are what stands between commas, each once', () => {
  expect(tagsIn(' cats,  lora , cats,, big model')).toEqual(['cats', 'lora', 'big model']);
  expect(tagsIn(tagsText(['a', 'b c']))).toEqual(['a', 'b c']);
  expect(tagsIn(' , ')).toEqual([]);
  expect(tagsIn('x'.repeat(99))).toEqual(['x'.repeat(40)]);
});
