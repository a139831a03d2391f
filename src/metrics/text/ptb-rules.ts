import { americanSpelling } from './american';

/**
 * The rules of the treebank's tokenizer that captions meet, each tried at the place where a token begins; the longest match wins, with what it looks
 * ahead at. Whichever group a pattern has is the token, and what it matches behind the group is only looked at.
 */
export interface Rule {
  /** Sticky. */
  readonly pattern: RegExp;
  /** Characters at the end of the token that are left for the next one. */
  readonly left?: number;
  /** How the token is written, where that differs. */
  readonly as?: (token: string) => string;
}

/** Soft hyphens are dropped from words. */
const asWord = (token: string): string => americanSpelling(token.replaceAll('\u00AD', ''));
const asApostrophe = (token: string): string => token.replace(/[’´]/g, "'");
const as = (token: string) => (): string => token;

export const rules: readonly Rule[] = [
  // Words that are two.
  { pattern: /cannot|['’´]twas|dunno/iuy, left: 3 },
  { pattern: /(?:['’´]tis|gonna|gotta|lemme|gimme|wanna)/iuy, left: 2 },
  { pattern: /&(?:mdash|ndash);|[–—―]/uy, as: as('--') },
  { pattern: /&amp;/iuy, as: as('&') },
  // A word before 's, 're and the like, one before n't, and one alone.
  {
    pattern:
      /([\p{L}\p{M}\u00AD][\p{L}\p{M}\p{Nd}\u00AD]*(?:[.!?][\p{L}\p{M}][\p{L}\p{M}\p{Nd}\u00AD]*)*)['’´](?:[msd]|re|ve|ll)/iuy,
    as: asWord,
  },
  { pattern: /([\p{L}\p{M}\u00AD]*[a-mo-z])n['’´`‘‛]t/iuy },
  {
    pattern: /[\p{L}\p{M}\u00AD][\p{L}\p{M}\p{Nd}\u00AD]*(?:[.!?][\p{L}\p{M}][\p{L}\p{M}\p{Nd}\u00AD]*)*/uy,
    as: asWord,
  },
  // Apostrophes within words, and words that begin or end with one.
  {
    pattern:
      /['’´]n['’´]?|[ldj]['’´]|(?:dunkin|somethin|ol)['’´]|['’´](?:em|till?|cause|[2-9]0s)|cont['’]d\.?|nor['’]easter|c['’]mon|e['’]er|s['’]mores|ev['’]ry|li['’]l|nat['’]l|o['’`]o/iuy,
    as: asApostrophe,
  },
  { pattern: /[A-HJ-XZn]['’´`‘‛]\p{L}{2,}/uy, as: asApostrophe },
  { pattern: /\p{L}+[aeiouyAEIOUY]['’´`‘‛][aeiouA-Z]\p{L}*/uy, as: asApostrophe },
  { pattern: /(y['’´])\p{L}/iuy, as: asApostrophe },
  // Addresses.
  { pattern: /(?:ftp|https?|mailto):\/\/[^\s"<>|(){}]+[^\s"'<>|.!?(){},;:&-]/iuy },
  { pattern: /(?:www\.)(?:[^\s"<>|.!?(){},]+\.)+[a-z]{2,4}/iuy },
  { pattern: /[a-z0-9._%+-]+@[a-z0-9][a-z0-9.-]*[a-z0-9]/iuy },
  { pattern: /[@＠][a-z_][a-z_0-9]*|[#＃]\p{L}[\p{L}\p{Nd}_]*[\p{L}\p{Nd}]/iuy },
  // What is left of a word that was cut before its apostrophe.
  { pattern: /['’´](?:[msd]|re|ve|ll)(?!\p{L})/iuy, as: asApostrophe },
  { pattern: /n['’´`‘‛]t(?!\p{L})/iuy, as: asApostrophe },
  // Numbers: dates, with signs, decimal points, commas or as times, and fractions.
  { pattern: /\p{Nd}{1,2}[-/]\p{Nd}{1,2}[-/]\p{Nd}{2,4}/uy },
  { pattern: /[-+]?(?:\p{Nd}+(?:[.:,]\p{Nd}+)*|(?:[.,]\p{Nd}+)+)/uy },
  { pattern: /[⁺⁻₊₋]?(?:[⁰¹²³⁴-⁹]+|[₀-₉]+)/uy },
  { pattern: /(?:\p{Nd}{1,4}-)?\p{Nd}{1,4}[/⁄]\p{Nd}{1,4}/uy, as: (token) => token.replace('⁄', '/') },
  {
    pattern: /[¼½¾⅓⅔]/uy,
    as: (token) => ({ '¼': '1/4', '½': '1/2', '¾': '3/4', '⅓': '1/3', '⅔': '2/3' })[token] ?? token,
  },
  // Words with strokes, money, and words with hyphens.
  { pattern: /[\p{L}\p{M}\p{Nd}]+(?:-[\p{L}\p{M}]+){0,2}(?:\/[\p{L}\p{M}\p{Nd}]+(?:-[\p{L}\p{M}]+){0,2}){1,2}/uy },
  { pattern: /[A-Z]*\$/uy },
  { pattern: /[¢£¤¥€₠₤₪₹]/uy, as: (token) => ({ '¢': 'cents', '£': '#', '¥': '¥', '₤': '₤', '₪': '₪' })[token] ?? '$' },
  { pattern: /(?:[a-z]\.)+[a-z](?:\.|(?=-))/iuy },
  {
    pattern:
      /(?:[dol]['’´`‘‛][\p{L}\p{M}\p{Nd}])?(?:[\p{L}\p{M}\p{Nd}]+|[-+]?(?:\p{Nd}+(?:[.:,]\p{Nd}+)*|(?:[.,]\p{Nd}+)+))(?:[-_‐‑](?:[dol]['’´`‘‛][\p{L}\p{M}\p{Nd}])?(?:[\p{L}\p{M}\p{Nd}]+|\p{Nd}+(?:[.:,]\p{Nd}+)*|(?:[.,]\p{Nd}+)+))*/iuy,
    as: asApostrophe,
  },
  { pattern: /[\p{L}\p{M}\p{Nd}][\p{L}\p{M}\p{Nd}.,]*(?:-[\p{L}\p{M}\p{Nd}]+(?:\.\p{Nd}+)?)+/uy },
  { pattern: /[A-Z]+(?:[+&][A-Z]+)+/uy },
  // Abbreviations keep their point; those of the second list before a number alone.
  {
    pattern:
      /(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thu|thurs|fri|inc|cos?|corp|ltd|plc|bros|esq|jr|sr|etc|al|seq|bldg|tel|est|ext|sq|mrs?|ms|drs?|profs?|sens?|reps?|attys?|lt|col|gen|messrs|govs?|adm|rev|maj|sgt|cpl|pvt|capt|ste?|ave|pres|lieut|rt|hon|brig|co?mdr|pfc|spc|supts?|det|mt|ft|adj|adv|asst|assoc|ens|insp|elec|natl|mfg|mtg|dept|blvd|rd|vs|wm|jos|cf|ph)\./iuy,
  },
  { pattern: /((?:ca|figs?|prop|nos?|sect?s?|arts?|paras?|pp|op|approx|rs)\.)\s?\p{Nd}/iuy },
  // A letter keeps it within a sentence.
  { pattern: /([A-Za-z]\.)(?:\s[^\sA-Z]|[^\s])/uy },
  { pattern: /([\p{L}\p{M}][\p{L}\p{M}\p{Nd}]*\.)[,;:]/uy },
  { pattern: /(['’´]\p{Nd}\p{Nd})(?!\p{Nd})/uy, as: asApostrophe },
  // Faces.
  { pattern: /[<>]?[:;=][-o*']?[()DPdpO\\{@|[\]](?![\p{L}\p{Nd}])/uy, as: withBrackets },
  // Punctuation.
  { pattern: /\.\.+\.|…/uy, as: as('...') },
  { pattern: /\.(?: \.)(?: \.)+/uy, as: as('...') },
  { pattern: /\.|[¡¿]/uy },
  { pattern: /[?!]+/uy },
  { pattern: /[,;:、]/uy },
  { pattern: /-+/uy, as: (token) => (token.length === 3 || token.length === 4 ? '--' : token) },
  { pattern: /["“”„«»]|&quot;|[`'‘’]'|``/uy, as: as("''") },
  { pattern: /['`‘’‛‹›´‚]|&apos;/uy, as: as("'") },
  { pattern: /[()[\]{}]/uy, as: withBrackets },
  { pattern: /<<|>>|[<>]|&[lg]t;/uy },
  { pattern: /@+|#+|_+|\*+|=+|\/+/uy },
  {
    pattern: /[+%&~^|\\¦§¨©¬®¯°-º×÷‖‗†-‥‰-‸※‼⁃‾-⁂⁄⁺-⁾₊-₎℀-⅏←-⇿∀-⯿、-〆〈-〠・！-／：-＠［-｀｛-･]/uy,
  },
];

/** Brackets as the treebank writes them. */
function withBrackets(token: string): string {
  const names: Readonly<Record<string, string>> = {
    '(': '-LRB-',
    ')': '-RRB-',
    '[': '-LSB-',
    ']': '-RSB-',
    '{': '-LCB-',
    '}': '-RCB-',
  };
  return token.replace(/[()[\]{}]/g, (bracket) => names[bracket] ?? bracket);
}
