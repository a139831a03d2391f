/**
 * Accuracy of answers as the VQA challenge counts it (`vqaEval.py` of its evaluation tools): an answer is right by a third for each person who gave it,
 * averaged over all choices of all persons but one. Its quirks are kept: the expressions for points and commas do what they do there, not what their
 * names say, and answers are only normalised where persons disagree.
 */

/** Contractions without their apostrophe. All else that the list has there has apostrophes, or capitals, and is never met. */
const contractions = new Map(
  (
    "ain't aren't can't could've couldn't didn't doesn't don't hadn't hasn't haven't he'd he's how'd how'll how's isn't it'd it'll ma'am mightn't " +
    "might've mustn't must've needn't not've o'clock oughtn't shan't should've shouldn't somebody'll somebody's someone'd someone'll someone's " +
    "something'd something'll that's there'd there're there's they'd they'll they're they've 'twas wasn't we've weren't what'll what're what's " +
    "what've when's where'd where's where've who'd who'll who's who've why'll why're why's won't would've wouldn't y'all you'd you'll you're you've"
  )
    .split(' ')
    .map((word) => [word.replaceAll("'", ''), word] as const),
);

const digits = new Map(
  ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].map(
    (word, value) => [word, String(value)] as const,
  ),
).set('none', '0');

const articles = new Set(['a', 'an', 'the']);
const punctuation = [
  ';',
  '/',
  '[',
  ']',
  '"',
  '{',
  '}',
  '(',
  ')',
  '=',
  '+',
  '\\',
  '_',
  '-',
  '>',
  '<',
  '@',
  '`',
  ',',
  '?',
  '!',
];

/** An answer without marks, articles and number words. */
export function normalisedAnswer(answer: string): string {
  const plain = withoutPunctuation(answer);
  return plain
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => digits.get(word) ?? word)
    .filter((word) => !articles.has(word))
    .map((word) => contractions.get(word) ?? word)
    .join(' ');
}

/** A mark beside a space goes, another becomes a space; where digits have a comma between them, all go. */
function withoutPunctuation(answer: string): string {
  const hasNumber = /\p{Nd},\p{Nd}/u.test(answer);
  let text = answer;
  for (const mark of punctuation) {
    const goes = hasNumber || answer.includes(`${mark} `) || answer.includes(` ${mark}`);
    text = text.replaceAll(mark, goes ? '' : ' ');
  }
  // Points that no digit follows, at most 32 of them: an option stands there where the number is expected.
  let left = 32;
  return text.replace(/\.(?!\p{Nd})/gu, (point) => (left-- > 0 ? '' : point));
}

const cleaned = (answer: string): string => answer.replaceAll('\n', ' ').replaceAll('\t', ' ').trim();

/** Fewest answers that the challenge's count can call right: three of all but one. */
const fewest = 4;

/**
 * How right an answer is, 0…1. With fewer than four answers to a question, which the challenge never has and could never call right, it is right where
 * it equals one of them, all normalised.
 *
 * @param answers of all persons, equal ones as often as they were given
 */
export function vqaAccuracy(answers: readonly string[], said: string): number {
  const given = answers.map(cleaned);
  const own = cleaned(said);
  if (given.length < fewest) return given.some((answer) => normalisedAnswer(answer) === normalisedAnswer(own)) ? 1 : 0;
  const disagree = new Set(given).size > 1;
  const form = (answer: string): string => (disagree ? normalisedAnswer(answer) : answer);
  const equal = given.map((answer) => form(answer) === form(own));
  const all = equal.filter(Boolean).length;
  const right = equal.map((itself) => Math.min(1, (all - (itself ? 1 : 0)) / 3));
  return right.reduce((sum, value) => sum + value, 0) / right.length;
}
