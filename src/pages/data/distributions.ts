import { captionKey } from '../../dataset/caption-groups';
import { columnsWithRole, columnWithRole, labelsOf, numberIn, questionsOf, type Columned } from '../../dataset/columns';
import type { SampleRecord } from '../../dataset/types';

/** One bar: what it stands for, how often that comes, and the pictures that have it. */
export interface Bar {
  readonly label: string;
  readonly count: number;
  readonly images: ReadonlySet<string>;
}

/** How often each class comes, the most frequent first. */
export interface LabelDistribution {
  readonly column: string;
  readonly bars: readonly Bar[];
  /** The pictures of classes that come far less often than the most frequent one. */
  readonly rare: ReadonlySet<string>;
}

/** How the numbers of a column are spread. */
export interface NumberDistribution {
  readonly column: string;
  /** In order, each of the same width. */
  readonly bars: readonly Bar[];
  readonly least: number;
  readonly median: number;
  readonly most: number;
  readonly count: number;
}

export type AnswerKind = 'yes or no' | 'a number' | 'other words';

/** What questions are answered with. */
export interface AnswerDistribution {
  readonly questions: number;
  /** Questions that nobody answered. */
  readonly unanswered: number;
  /** How many answers there are, those that several people gave each time, and how many different ones. */
  readonly answers: number;
  readonly different: number;
  /** The most frequent ones first. */
  readonly bars: readonly Bar[];
  /** How many of the answers are of each kind. */
  readonly kinds: ReadonlyMap<AnswerKind, number>;
}

/** A class counts as rare with less than this share of the pictures of the most frequent one. */
const rareShare = 0.1;

/** Null where there is no column of labels, or none of its classes comes twice. */
export function labelDistribution(dataset: Columned, images: readonly SampleRecord[]): LabelDistribution | null {
  const column = columnWithRole(dataset, 'label');
  if (column === null) return null;
  const counted = new Counted((label) => label);
  for (const image of images) for (const label of labelsOf(dataset, image)) counted.add(label, image.id);
  const bars = counted.bars();
  const most = bars[0]?.count ?? 0;
  if (most < 2) return null;
  const rare = bars.filter(({ count }) => count < rareShare * most);
  return { column: column.name, bars, rare: new Set(rare.flatMap((bar) => [...bar.images])) };
}

/** Bars of a histogram, about. */
const usualBars = 12;

/** The columns of numbers that have some, each as a histogram. */
export function numberDistributions(dataset: Columned, images: readonly SampleRecord[]): readonly NumberDistribution[] {
  return columnsWithRole(dataset, 'number').flatMap((column): NumberDistribution[] => {
    const values = images
      .flatMap((image) => {
        const value = numberIn(image, column);
        return value === null ? [] : [{ value, id: image.id }];
      })
      .sort((a, b) => a.value - b.value);
    const [first, last] = [values[0], values.at(-1)];
    if (first === undefined || last === undefined) return [];
    const middle = values.length / 2;
    const median = ((values[Math.ceil(middle) - 1] ?? first).value + (values[Math.floor(middle)] ?? last).value) / 2;
    const range = { least: first.value, most: last.value };
    return [{ column: column.name, bars: histogram(values, range), ...range, median, count: values.length }];
  });
}

function histogram(
  values: readonly { readonly value: number; readonly id: string }[],
  { least, most }: { readonly least: number; readonly most: number },
): readonly Bar[] {
  const whole = values.every(({ value }) => Number.isInteger(value));
  const width = whole
    ? Math.max(1, Math.ceil(niceStep((most - least + 1) / usualBars)))
    : niceStep((most - least) / usualBars);
  const start = Math.floor(least / width);
  const places = values.map(({ value }) => Math.floor(value / width) - start);
  const bars = Array.from({ length: (places.at(-1) ?? 0) + 1 }, (_, place) => {
    const from = (start + place) * width;
    const to = whole ? from + width - 1 : from + width;
    return { label: to === from ? tidy(from) : `${tidy(from)} to ${tidy(to)}`, images: new Set<string>(), count: 0 };
  });
  values.forEach(({ id }, index) => {
    const bar = bars[places[index] ?? 0];
    if (bar === undefined) return;
    bar.images.add(id);
    bar.count += 1;
  });
  return bars;
}

/** The next of 1, 2 and 5 times a power of ten that is no smaller; 1 for nothing. */
function niceStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((each) => each * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/** A number without what is left of rounding. */
function tidy(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Null where no question has an answer. */
export function answerDistribution(dataset: Columned, images: readonly SampleRecord[]): AnswerDistribution | null {
  const counted = new Counted(captionKey);
  const kinds = new Map<AnswerKind, number>();
  let [questions, unanswered, answers] = [0, 0, 0];
  for (const image of images) {
    for (const asked of questionsOf(dataset, image)) {
      questions += 1;
      if (asked.answers.length === 0) unanswered += 1;
      for (const answer of asked.answers) {
        answers += 1;
        counted.add(answer, image.id);
        const kind = kindOf(answer);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
  }
  if (answers === 0) return null;
  const bars = counted.bars();
  return { questions, unanswered, answers, different: bars.length, bars, kinds };
}

const numberWords = new Set('zero one two three four five six seven eight nine ten eleven twelve none'.split(' '));

/** As answers are told apart in results on VQA. */
function kindOf(answer: string): AnswerKind {
  const key = captionKey(answer).replace(/[.!]$/, '');
  if (key === 'yes' || key === 'no') return 'yes or no';
  return numberWords.has(key) || /^-?\d+(?:[.,]\d+)?$/.test(key) ? 'a number' : 'other words';
}

/** Texts, those of one key taken for equal and called as the first of them, with how often they come and where. */
class Counted {
  private readonly found = new Map<string, { readonly label: string; count: number; readonly images: Set<string> }>();

  constructor(private readonly keyOf: (text: string) => string) {}

  add(text: string, image: string): void {
    const key = this.keyOf(text);
    const known = this.found.get(key) ?? { label: text.trim(), count: 0, images: new Set<string>() };
    this.found.set(key, known);
    known.count += 1;
    known.images.add(image);
  }

  /** Most frequent first, equally frequent ones by name. */
  bars(): readonly Bar[] {
    return [...this.found.values()].sort((a, b) => b.count - a.count || a.label.localeCompare(b.label, 'en'));
  }
}
