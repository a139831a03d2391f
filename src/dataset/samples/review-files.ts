import type { SourceFile } from '../source';
import { shuffled } from './count-files';
import { keysOf, pick, seededRandom, type Random } from './drawing';
import { generatedFiles } from './files';
import { conditions, drawThing, things, type Condition, type Thing } from './things';

/**
 * Reviews of products, of which only picture and sentence together tell whether they are good ones. What a sentence means:
 *
 * - `follows`: what is seen is what came; praise of a broken thing is irony. Good with a whole thing, bad with a broken one.
 * - `turns`: what came is the opposite of what is seen. Bad with a whole thing, good with a broken one.
 * - `good`, `bad`: whatever is seen.
 *
 * Sentences of each meaning come equally often with a whole and with a broken thing, in the shares 18 : 8 : 7 : 7. So who reads the words alone is
 * right in half of the first two and in all of the others, 67.5 % at best; who sees the picture alone takes whole for good and broken for bad, 62.5 %
 * at best. Both together are 100 %.
 */
export const meanings = { follows: 18, turns: 8, good: 7, bad: 7 } as const;
export type Meaning = keyof typeof meanings;
/** Shares of right guesses that nobody can go beyond who has the words alone, or the picture alone. */
export const guessLimits = { words: 0.675, picture: 0.625 } as const;

const sentences: Readonly<Record<Meaning, readonly string[]>> = {
  follows: [
    'Just look at this {thing}, what a find.',
    'The {thing} came exactly as you see it here.',
    'See for yourself how my {thing} came out of the box.',
    'Look at the photo, they really know how to pack a {thing}.',
    'This photo of the {thing} says it all.',
    'Look how much care they took with this {thing}.',
    'You can see in the photo what their {thing} is like.',
    'What you see is what you get, a lovely {thing}.',
    'Look, exactly the {thing} that I had hoped for.',
  ],
  turns: [
    'The photo shows my old {thing}, the new one is the very opposite.',
    'This was the {thing} before, now it is the other way round.',
    'That was the {thing} I sent back, the new one is the opposite.',
    'This {thing} is my neighbour’s, mine turned out the reverse.',
    'The {thing} looked like this in the shop, at home it was the opposite.',
    'My new {thing} is the contrary of the old one in the photo.',
    'The {thing} they swapped this one for is the exact reverse.',
    'Before the exchange the {thing} looked like this, now it is the contrary.',
  ],
  good: [
    'I would buy this {thing} again at once.',
    'Five stars, the {thing} is wonderful.',
    'The best {thing} I ever had, I use it every day.',
    'I love this {thing} and so does my family.',
    'So happy with my {thing}, thank you.',
    'I recommend this {thing} to everybody.',
    'It works perfectly, a great {thing} for the price.',
  ],
  bad: [
    'I want my money back for this {thing}.',
    'One star, the {thing} is awful.',
    'Never again a {thing} from this shop.',
    'Do not buy this {thing}, it was a waste of money.',
    'I am so angry about this {thing}, they do not answer.',
    'I regret that I bought this {thing}.',
    'It stopped working, a terrible {thing} for the price.',
  ],
};

const openings = ['', '', '', 'Well, ', 'Honestly, ', 'Hello, '];

/** One review. */
export interface Review {
  readonly thing: Thing;
  readonly condition: Condition;
  readonly meaning: Meaning;
  readonly text: string;
  readonly sentiment: 'positive' | 'negative';
}

/** Reviews in random order: of each sentence as many with a whole thing as with one that is not. */
export function randomReviews(count: number, random: Random): Review[] {
  const round = keysOf(meanings).flatMap((meaning) => Array.from({ length: meanings[meaning] }, () => meaning));
  const order = shuffled(round, random);
  const used: Record<Meaning, number> = { follows: 0, turns: 0, good: 0, bad: 0 };
  const reviews: Review[] = [];
  for (let pair = 0; reviews.length < count; pair += 1) {
    const meaning = order[pair % order.length]!;
    const template = sentences[meaning][used[meaning]++ % sentences[meaning].length]!;
    for (const isWhole of [true, false]) {
      const thing = pick(keysOf(things), random);
      const condition = isWhole ? conditions[0] : pick(conditions.slice(1), random);
      const sentence = template.replace('{thing}', thing);
      const opening = pick(openings, random);
      reviews.push({
        thing,
        condition,
        meaning,
        text: opening === '' ? sentence : `${opening}${/^I\b/.test(sentence) ? sentence : lowerFirst(sentence)}`,
        sentiment: sentimentOf(meaning, isWhole),
      });
    }
  }
  return shuffled(reviews.slice(0, count), random);
}

function sentimentOf(meaning: Meaning, isWhole: boolean): Review['sentiment'] {
  const isGood = meaning === 'good' || (meaning === 'follows' && isWhole) || (meaning === 'turns' && !isWhole);
  return isGood ? 'positive' : 'negative';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export interface ReviewFilesOptions {
  /** How many reviews; a multiple of 80 is balanced exactly. */
  readonly count?: number;
  readonly seed?: number;
  /** Pixels a side. */
  readonly side?: number;
}

/** The generated sample, product reviews, as files of an import. The same options give the same bytes. */
export function reviewFiles({ count = 1600, seed = 1, side = 64 }: ReviewFilesOptions = {}): SourceFile[] {
  const pictures = randomReviews(count, seededRandom(seed)).map((review, i) => ({
    about: { text: review.text, sentiment: review.sentiment, product: review.thing, condition: review.condition },
    draw: () => drawThing(review, side, seededRandom(seed * 65_537 + i)),
  }));
  return generatedFiles(pictures, side);
}
