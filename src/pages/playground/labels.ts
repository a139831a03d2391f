import { captionKey } from '../../dataset/caption-groups';
import { bareLabel, hasPlace } from '../../training/label-template';
import { sampleEvenly } from './sampleEvenly';

/** Most labels that are compared at once. */
export const maxLabels = 100;

/** Labels as typed: separated by lines or commas, each once, blanks left out. */
export function parseLabels(text: string): readonly string[] {
  const labels = text.split(/[\n,;]/).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))].slice(0, maxLabels);
}

/** Why a template cannot be used, or null. */
export function templateProblem(template: string): string | null {
  return hasPlace(template) ? null : 'The template needs {label} where the label goes.';
}

/** Bare words to classify by, and the sentence that they belong into. */
export interface Labelling {
  readonly labels: readonly string[];
  readonly template: string;
}

const usualTemplate = 'a photo of a {label}';
/** Up to so many distinct captions are classes, which are all shown; of more, a few. */
const fewClasses = 20;
const shownOfMany = 5;
/** Share of the captions that begin or end alike before it counts as their template. */
const mostCaptions = 0.8;

/**
 * Labels to begin with. Where captions are one sentence about different things (“a photo of a dog”, “a photo of an owl”), the labels are the
 * different words and the template is the rest.
 *
 * @param captions first captions of the pictures
 */
export function labellingOf(captions: readonly string[]): Labelling {
  const distinct = new Map<string, string>();
  for (const caption of captions) {
    // Up to the first comma: behind it stand tags, and commas part labels.
    const [first] = parseLabels(caption);
    if (first !== undefined && !distinct.has(captionKey(first))) distinct.set(captionKey(first), first);
  }
  const sentences = [...distinct.values()];
  const template = commonTemplate(sentences);
  const labels = [...new Set(sentences.map((sentence) => bareLabel(template ?? usualTemplate, sentence)))];
  return {
    labels: sampleEvenly(labels, labels.length <= fewClasses ? fewClasses : shownOfMany),
    template: template ?? usualTemplate,
  };
}

/** The words around what differs between sentences; null where there are none. */
function commonTemplate(sentences: readonly string[]): string | null {
  if (sentences.length < 2) return null;
  const least = Math.max(2, mostCaptions * sentences.length);
  const words = sentences.map((sentence) => sentence.split(/\s+/));
  const before = commonWords(words, least);
  const rests = words
    .filter((own) => own.length > before.length + 1 && before.every((word, at) => sameWord(own[at], word)))
    .map((own) => own.slice(before.length).reverse());
  const after = [...commonWords(rests, least)].reverse();
  if (before.length + after.length === 0) return null;
  return [...before, '{label}', ...after].join(' ');
}

/** The longest run of words that so many of the sentences begin with, and have more to say after. */
function commonWords(sentences: readonly (readonly string[])[], least: number): readonly string[] {
  const common: string[] = [];
  let alike = sentences;
  for (;;) {
    const at = common.length;
    const counts = new Map<string, number>();
    for (const own of alike) {
      const word = own[at];
      if (word !== undefined) counts.set(sameForm(word), (counts.get(sameForm(word)) ?? 0) + 1);
    }
    const [form, count] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most), ['', 0]);
    const matching = alike.filter((own) => own[at] !== undefined && sameForm(own[at]) === form);
    if (count < least || matching.filter((own) => own.length > at + 1).length < least) return common;
    common.push(mostUsual(matching.map((own) => own[at] ?? '')));
    alike = matching;
  }
}

/** “a” and “an” are one word. */
function sameForm(word: string): string {
  const form = word.toLowerCase();
  return form === 'an' ? 'a' : form;
}

function sameWord(word: string | undefined, other: string): boolean {
  return word !== undefined && sameForm(word) === sameForm(other);
}

function mostUsual(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most), ['', 0])[0];
}
