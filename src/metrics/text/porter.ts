/**
 * Stems of English words by Porter's algorithm (An algorithm for suffix stripping, 1980) with the changes that NLTK makes to it
 * (`PortemStemmer` in the mode `NLTK_EXTENSIONS`), which METEOR matches words by.
 */

const irregular: Readonly<Record<string, string>> = {
  sky: 'sky',
  skies: 'sky',
  dying: 'die',
  lying: 'lie',
  tying: 'tie',
  news: 'news',
  innings: 'inning',
  inning: 'inning',
  outings: 'outing',
  outing: 'outing',
  cannings: 'canning',
  canning: 'canning',
  howe: 'howe',
  proceed: 'proceed',
  exceed: 'exceed',
  succeed: 'succeed',
};

/** A suffix, what it becomes, and of which stems before it. */
type Rule = readonly [suffix: string, replacement: string, of?: (stem: string) => boolean];

/** @param word in lower case */
export function porterStem(word: string): string {
  if (Object.hasOwn(irregular, word)) return irregular[word]!;
  if (word.length <= 2) return word;
  return [plural, pastAndProgressive, finalY, doubleSuffix, icAndNess, longSuffix, finalE, finalL].reduce(
    (stem, step) => step(stem),
    word,
  );
}

/** Whether each letter is a consonant; y is one at the beginning and after a vowel. */
function consonants(word: string): readonly boolean[] {
  const found: boolean[] = [];
  for (const letter of word) {
    if (letter === 'y') found.push(found.length === 0 || found.at(-1) === false);
    else found.push(!'aeiou'.includes(letter));
  }
  return found;
}

/** How often a consonant follows a vowel: m of the paper. */
function measure(stem: string): number {
  const found = consonants(stem);
  return found.filter((consonant, at) => consonant && found[at - 1] === false).length;
}

const some = (stem: string): boolean => measure(stem) > 0;
const several = (stem: string): boolean => measure(stem) > 1;
const hasVowel = (stem: string): boolean => consonants(stem).includes(false);

/** Consonant, vowel, consonant, the last none of w, x, y; NLTK takes vowel, consonant for it too where that is all. */
function endsShort(word: string): boolean {
  const found = consonants(word);
  const [third, second, last] = [found.at(-3), found.at(-2), found.at(-1)];
  if (word.length === 2) return second === false && last === true;
  return third === true && second === false && last === true && !/[wxy]$/.test(word);
}

/** The first rule whose suffix a word has, whether its condition holds or not. */
function apply(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, of] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return of === undefined || of(stem) ? stem + replacement : word;
  }
  return word;
}

function plural(word: string): string {
  if (word.length === 4 && word.endsWith('ies')) return word.slice(0, -1);
  return apply(word, [
    ['sses', 'ss'],
    ['ies', 'i'],
    ['ss', 'ss'],
    ['s', ''],
  ]);
}

function pastAndProgressive(word: string): string {
  if (word.endsWith('ied')) return word.length === 4 ? word.slice(0, -1) : word.slice(0, -2);
  if (word.endsWith('eed')) return some(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find((own) => word.endsWith(own) && hasVowel(word.slice(0, -own.length)));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  const doubled = stem.length > 1 && stem.at(-1) === stem.at(-2) && consonants(stem).at(-1) === true;
  if (doubled) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function finalY(word: string): string {
  return apply(word, [['y', 'i', (stem) => stem.length > 1 && consonants(stem).at(-1) === true]]);
}

function doubleSuffix(word: string): string {
  if (word.endsWith('alli') && some(word.slice(0, -4))) return doubleSuffix(word.slice(0, -2));
  return apply(word, [
    ['ational', 'ate', some],
    ['tional', 'tion', some],
    ['enci', 'ence', some],
    ['anci', 'ance', some],
    ['izer', 'ize', some],
    ['bli', 'ble', some],
    ['alli', 'al', some],
    ['entli', 'ent', some],
    ['eli', 'e', some],
    ['ousli', 'ous', some],
    ['ization', 'ize', some],
    ['ation', 'ate', some],
    ['ator', 'ate', some],
    ['alism', 'al', some],
    ['iveness', 'ive', some],
    ['fulness', 'ful', some],
    ['ousness', 'ous', some],
    ['aliti', 'al', some],
    ['iviti', 'ive', some],
    ['biliti', 'ble', some],
    ['fulli', 'ful', some],
    // The l belongs to the stem here.
    ['logi', 'log', (stem) => some(`${stem}l`)],
  ]);
}

function icAndNess(word: string): string {
  return apply(word, [
    ['icate', 'ic', some],
    ['ative', '', some],
    ['alize', 'al', some],
    ['iciti', 'ic', some],
    ['ical', 'ic', some],
    ['ful', '', some],
    ['ness', '', some],
  ]);
}

const removed = 'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize'.split(' ');

function longSuffix(word: string): string {
  return apply(
    word,
    removed.map((suffix): Rule => {
      return [suffix, '', suffix === 'ion' ? (stem) => several(stem) && /[st]$/.test(stem) : several];
    }),
  );
}

function finalE(word: string): string {
  return apply(word, [['e', '', (stem) => several(stem) || (measure(stem) === 1 && !endsShort(stem))]]);
}

function finalL(word: string): string {
  return apply(word, [['ll', 'l', (stem) => several(`${stem}l`)]]);
}
