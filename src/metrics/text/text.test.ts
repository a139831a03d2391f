import { describe, expect, test } from 'vitest';
import { bleuCounts, cocoBleu, sacreBleu, words13a } from './bleu';
import { ciderD } from './cider';
import fixtures from './fixtures/captions.json' with { type: 'json' };
import stems from './fixtures/stems.json' with { type: 'json' };
import { meteor } from './meteor';
import { porterStem } from './porter';
import { rougeL } from './rouge';

const words = (sentence: string): readonly string[] => sentence.split(' ').filter((word) => word !== '');
const captions = fixtures.captions.map(({ said, references, ...expected }) => ({
  ...expected,
  text: said,
  said: words(said),
  references: references.map(words),
  counts13a: bleuCounts(references.map(words13a), words13a(said)),
}));
const near = (values: readonly number[] | Float64Array, expected: readonly number[]): void => {
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, index) => expect(values[index]).toBeCloseTo(value, 9));
};

describe.each(captions.map((each) => [each.text, each] as const))('“%s”', (_, each) => {
  const { said, references } = each;

  test('has the BLEU of COCO and of sacreBLEU, which are two', () => {
    near(cocoBleu([bleuCounts(references, said)]), each.bleu);
    near(sacreBleu([each.counts13a]), each.sacreBleu);
  });

  test('has the ROUGE-L of COCO and the METEOR of NLTK without synonyms', () => {
    expect(rougeL(references, said)).toBeCloseTo(each.rougeL, 9);
    expect(meteor(references, said)).toBeCloseTo(each.meteor, 9);
  });

  test('lies within bounds, whatever the order of its references', () => {
    const turned = references.toReversed();
    for (const of of [rougeL, meteor]) {
      expect(of(references, said)).toBeGreaterThanOrEqual(0);
      expect(of(references, said)).toBeLessThanOrEqual(1);
      expect(of(turned, said)).toBe(of(references, said));
    }
    expect(bleuCounts(turned, said)).toEqual(bleuCounts(references, said));
  });
});

describe('all captions together', () => {
  const said = captions.map((each) => each.said);
  const references = captions.map((each) => each.references);

  test('have the CIDEr-D of COCO, each by its own', () => {
    near(ciderD(references, said), fixtures.ciderD);
    near(ciderD(references.toReversed(), said.toReversed()), fixtures.ciderD.toReversed());
  });

  test('have the BLEU of COCO and sacreBLEU, which is none of the means', () => {
    near(cocoBleu(captions.map((each) => bleuCounts(each.references, each.said))), fixtures.bleu);
    near(sacreBleu(captions.map(({ counts13a }) => counts13a)), fixtures.sacreBleu);
  });
});

test('the caption of a single picture has a CIDEr-D of 0, since no word tells pictures apart', () => {
  expect([...ciderD([[['a', 'cat']]], [['a', 'cat']])]).toEqual([0]);
});

test('a caption that is said as it stands has full scores', () => {
  const caption = words('a red circle above a blue square');
  const others = captions.map(({ references }) => references);
  expect(ciderD([[caption], ...others], [caption, ...captions.map(({ said }) => said)])[0]).toBeCloseTo(10, 9);
  expect(rougeL([caption], caption)).toBeCloseTo(1, 12);
  near(sacreBleu([bleuCounts([caption], caption)]), [1, 1, 1, 1]);
});

test.each(fixtures.words13a)('sacreBLEU splits “$text”', ({ text, words: expected }) => {
  expect(words13a(text)).toEqual(expected);
});

test('words have the stems of NLTK', () => {
  expect(stems.map(([word = '']) => [word, porterStem(word)])).toEqual(stems);
});
