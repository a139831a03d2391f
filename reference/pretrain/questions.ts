// Writes pictures with questions as arrays, drawn by the studio's own code: data/questions-plain.* to train the embedded model
// on (64 pixels), data/questions-other.* the sample in words that it never sees (96 pixels, as in the studio).
// One RGB block a picture in .rgb; one line a picture in .jsonl: lists of kinds, questions and answers, and the things as numbers
// [form, colour, large, cell]. Every third picture to train on shows two things only: with these it learns what words name.
//
// Usage, from the repository's root: npx tsx reference/pretrain/questions.ts [pictures to train on]

import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { seededRandom } from '../../src/dataset/samples/drawing';
import { askAbout, askTwice, drawThings, randomThings, type QuestionVocabulary } from '../../src/dataset/samples/questions';
import { otherWords, plainWords } from '../../src/dataset/samples/vocabularies';

const folder = new URL('./data/', import.meta.url);
mkdirSync(folder, { recursive: true });

function write(name: string, vocabulary: QuestionVocabulary, side: number, pictures: number, seed: number): void {
  const colours = Object.keys(vocabulary.colours);
  const sample = vocabulary === otherWords;
  let count = 0;
  const random = seededRandom(seed);
  const pixels = openSync(new URL(`questions-${name}.rgb`, folder), 'w');
  const lines: string[] = [];
  for (let i = 0; i < pictures; i++) {
    const all = randomThings(vocabulary, random);
    const few = !sample && i % 3 === 0;
    const things = few ? all.slice(0, 2) : all;
    const asked = sample
      ? askTwice(all, vocabulary, random)
      : [...askAbout(all, vocabulary, random), ...askAbout(all, vocabulary, random)].filter(
          ({ kind }) => !few || kind !== 'count',
        );
    const rgba = drawThings(things, vocabulary, side, seededRandom(seed * 65_537 + i));
    writeSync(pixels, Buffer.from(rgba.filter((_, at) => at % 4 < 3).buffer));
    count += asked.length;
    lines.push(
      JSON.stringify({
        kind: asked.map(({ kind }) => kind),
        question: asked.map(({ question }) => question),
        answer: asked.map(({ answer }) => answer),
        things: things.map(({ form, colour, large, cell }) => [form, colours.indexOf(colour), Number(large), cell]),
      }),
    );
  }
  closeSync(pixels);
  writeFileSync(new URL(`questions-${name}.jsonl`, folder), lines.join('\n') + '\n');
  console.log(`${name}: ${pictures} pictures, ${count} questions`);
}

write('other', otherWords, 96, 1000, 1);
write('plain', plainWords, 64, Number(process.argv[2] ?? 16_000), 1);
