import { drawForm, keysOf, lightGround, pick, type Colour, type Form, type Random } from './drawing';

/**
 * The words of pictures with questions: what things are called, how questions are put and what is answered. Two vocabularies
 * make two datasets of one kind; a model that learnt one has to learn the other's words.
 */
export interface QuestionVocabulary {
  /** One and many of a form → how it is drawn. */
  readonly forms: readonly { readonly one: string; readonly many: string; readonly contains: Form }[];
  readonly colours: Readonly<Record<string, Colour>>;
  /** Answers to questions of count, from one upward. */
  readonly numbers: readonly string[];
  /** Answers to questions of place: nine cells, row by row. */
  readonly places: readonly string[];
  /** How each kind is asked; {a} and {b} stand for forms, {as} and {bs} for many of them. */
  readonly wordings: Readonly<Record<QuestionKind, readonly string[]>>;
}

/** `size` asks which of two things is larger, `larger` whether the first one is. */
export const questionKinds = ['colour', 'count', 'place', 'size', 'larger'] as const;
export type QuestionKind = (typeof questionKinds)[number];

export interface Question {
  readonly kind: QuestionKind;
  readonly question: string;
  readonly answer: string;
}

/** One thing in a cell of a grid of three by three. */
export interface PlacedThing {
  readonly form: number;
  readonly colour: string;
  readonly large: boolean;
  readonly cell: number;
}

/** Half the side of a form, as a share of the picture's side. */
const halfOf = (large: boolean) => (large ? 0.155 : 0.1);

/**
 * Things at random in different cells: two forms that occur once, of different sizes, a third that occurs one to three times, and now
 * and then a thing of a fourth, so that counting all things does not tell how many there are of one form. Every kind of question has
 * one answer.
 */
export function randomThings(vocabulary: QuestionVocabulary, random: Random): PlacedThing[] {
  const [first, second, third, fourth] = shuffled(
    vocabulary.forms.map((_, i) => i),
    random,
  );
  const cells = shuffled([0, 1, 2, 3, 4, 5, 6, 7, 8], random);
  const colour = () => pick(keysOf(vocabulary.colours), random);
  const large = random() < 0.5;
  const many = 1 + Math.floor(random() * vocabulary.numbers.length);
  const others = Math.floor(random() * 2);
  return [
    { form: first!, colour: colour(), large, cell: cells[0]! },
    { form: second!, colour: colour(), large: !large, cell: cells[1]! },
    ...cells
      .slice(2, 2 + many + others)
      .map((cell, i) => ({ form: (i < many ? third : fourth)!, colour: colour(), large: random() < 0.5, cell })),
  ];
}

/** One question of each kind about things that {@link randomThings} placed. Yes and no are right equally often. */
function askAbout(things: readonly PlacedThing[], vocabulary: QuestionVocabulary, random: Random): Question[] {
  return questionKinds.map((kind) => ({ kind, ...ask(kind, things, vocabulary, random) }));
}

/** Up to two questions of each kind, none twice. */
export function askTwice(things: readonly PlacedThing[], vocabulary: QuestionVocabulary, random: Random): Question[] {
  const asked = [...askAbout(things, vocabulary, random), ...askAbout(things, vocabulary, random)];
  return [...new Map(asked.map((question) => [question.question, question])).values()];
}

function ask(
  kind: QuestionKind,
  things: readonly PlacedThing[],
  vocabulary: QuestionVocabulary,
  random: Random,
): Omit<Question, 'kind'> {
  const pair = things.slice(0, 2);
  const [a, b] = (random() < 0.5 ? pair : pair.toReversed()) as [PlacedThing, PlacedThing];
  const name = ({ form }: PlacedThing) => vocabulary.forms[form]!.one;
  const put = (wording: string, first: number) =>
    wording
      .replace('{as}', vocabulary.forms[first]!.many)
      .replace('{a}', vocabulary.forms[first]!.one)
      .replace('{b}', name(b));
  switch (kind) {
    case 'colour':
      return { question: put(pick(vocabulary.wordings.colour, random), a.form), answer: a.colour };
    case 'place':
      return { question: put(pick(vocabulary.wordings.place, random), a.form), answer: vocabulary.places[a.cell]! };
    case 'size':
      return { question: put(pick(vocabulary.wordings.size, random), a.form), answer: name(a.large ? a : b) };
    case 'count': {
      const { form } = things[2]!;
      const count = things.filter((thing) => thing.form === form).length;
      return {
        question: put(pick(vocabulary.wordings.count, random), form),
        answer: vocabulary.numbers[count - 1]!,
      };
    }
    case 'larger':
      return { question: put(pick(vocabulary.wordings.larger, random), a.form), answer: a.large ? 'yes' : 'no' };
  }
}

/** Draws things as RGBA bytes, `side` × `side`; places, sizes, angles and tints vary a little with `random`. */
export function drawThings(
  things: readonly PlacedThing[],
  vocabulary: QuestionVocabulary,
  side: number,
  random: Random,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = lightGround(side, random);
  for (const { form, colour, large, cell } of things) {
    const slack = large ? 0.01 : 0.08;
    drawForm(pixels, side, random, {
      contains: vocabulary.forms[form]!.contains,
      colour: vocabulary.colours[colour]!,
      half: halfOf(large),
      x: ((cell % 3) + 0.5) / 3 + slack * (random() - 0.5),
      y: (Math.floor(cell / 3) + 0.5) / 3 + slack * (random() - 0.5),
    });
  }
  return pixels;
}

/** The items in random order. */
function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const rest = [...items];
  for (let last = rest.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [rest[last], rest[other]] = [rest[other]!, rest[last]!];
  }
  return rest;
}
