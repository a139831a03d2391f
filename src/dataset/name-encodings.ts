/** A way in which programs write names into zips. */
export interface NameEncoding {
  /** Its label for `TextDecoder`. */
  readonly label: string;
  /** How much each character beyond ASCII reads like text of that encoding, about 0…1. `text` is what `bytes` decode to. */
  readonly scores: (bytes: Uint8Array, text: string) => number[];
}

const isLatinLetter = (letter: string): boolean => /[a-z]/i.test(letter);

/**
 * Scores for western European text: accented letters stand between plain ones, and no capital follows a small letter within a word. What other
 * encodings mean comes out as symbols (`╗ª`) and as accents side by side (`îó`).
 */
export function westernScores(text: string): number[] {
  return [...text].flatMap((letter, at, letters) => {
    if (letter < '\x80') return [];
    if (!/\p{Script=Latin}/u.test(letter)) return [0.1];
    const before = letters[at - 1] ?? '';
    const after = letters[at + 1] ?? '';
    if (!isLatinLetter(before) && !isLatinLetter(after)) return [0.4];
    return [/\p{Ll}/u.test(letter) && /[A-Z]/.test(after) ? 0.2 : 1];
  });
}

/** Russian by how frequent its letters are; capitals within a word tell against it. */
function russianScores(_: Uint8Array, text: string): number[] {
  return [...text].flatMap((letter, at, letters) => {
    if (letter < '\x80') return [];
    if (!/[а-яё]/i.test(letter)) return [0.05];
    const isCapital = letter !== letter.toLowerCase();
    const rank = 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё'.indexOf(letter.toLowerCase());
    return [isCapital && /[а-яё]/.test(letters[at - 1] ?? '') ? 0.2 : rank < 12 ? 1 : rank < 24 ? 0.9 : 0.6];
  });
}

/**
 * Scores for an encoding of one or two bytes a character, by where its tables keep the characters in daily use. A character right behind a
 * Latin letter scores half: in `Crème` the accent and the letter behind it look like one Chinese character.
 */
function byTable(
  label: string,
  grade: (lead: number, trail: number, letter: string) => number,
  isSingle: (byte: number) => boolean = () => false,
): NameEncoding {
  return {
    label,
    scores(bytes, text) {
      const letters = [...text];
      const scores: number[] = [];
      for (let at = 0, i = 0; at < bytes.length; at += 1, i += 1) {
        const lead = bytes[at] ?? 0;
        if (lead < 0x80) continue;
        const behindLatin = isLatinLetter(letters[i - 1] ?? '');
        if (!isSingle(lead)) at += 1;
        scores.push(grade(lead, isSingle(lead) ? 0 : (bytes[at] ?? 0), letters[i] ?? '') * (behindLatin ? 0.5 : 1));
      }
      return scores;
    },
  };
}

const within = (value: number, from: number, to: number): boolean => value >= from && value <= to;

/** Kana and JIS level 1; half-width katakana and level 2 are rare. */
const shiftJis = byTable(
  'shift_jis',
  (lead, trail) => {
    if (lead === 0x82) return trail >= 0x9f ? 1 : 0.7;
    if (lead === 0x83) return trail <= 0x96 ? 1 : 0.1;
    if (lead === 0x81) return 0.5;
    return within(lead, 0x88, 0x98) ? 1 : within(lead, 0x84, 0x87) ? 0.1 : 0.3;
  },
  (byte) => within(byte, 0xa1, 0xdf),
);

/** Level 1 of GB 2312; the rest of it is rare, and what GBK added rarer. */
const gbk = byTable('gbk', (lead, trail) => {
  if (trail < 0xa1 || lead < 0xa1) return 0.15;
  return within(lead, 0xb0, 0xd7) ? 1 : within(lead, 0xd8, 0xf7) ? 0.5 : 0.2;
});

/** Level 1 of Big5. */
const big5 = byTable('big5', (lead) => (within(lead, 0xa4, 0xc6) ? 0.99 : within(lead, 0xa1, 0xa3) ? 0.4 : 0.3));

/**
 * Korean syllables of daily use. The rows of KS X 1001 for Hangul are those of the most common Chinese characters in GB 2312, so that rows
 * alone would not tell the two apart.
 */
const commonSyllables = new Set(
  '이다는을에의가고하지도한사로자나리기를시어서은그인아니해들정일라마보수대전으상부요주스면게제구장원공성유있것조과동안여년만관때모습' +
    '세생신방경비위미내각오국연계소화물학무선우민실분불외영개금체문진심명중말간회양당호음적등저재강남북산식타트드바카파코차터레크르디프토' +
    '피키치두루노초추천청향황후흰색빨파랑노란검은꽃나무새닭돼토끼곰늑숭뱀래거북펭귄쥐기린컵책상의자침대문창집차버스전철자행비배사람남여' +
    '아이옷신발모자가방시계안경과일포도딸기바귤감밥빵국면김치고달별해눈봄름을겨울',
);
const eucKr = byTable('euc-kr', (lead, trail, letter) => {
  if (trail < 0xa1 || lead < 0xa1) return 0.15;
  return within(lead, 0xb0, 0xc8) ? (commonSyllables.has(letter) ? 1.2 : 0.7) : 0.15;
});

/** Kana and JIS level 1, which other tables fill alike; so it takes kana to be told from them. */
const eucJp = byTable('euc-jp', (lead) =>
  lead === 0xa4 || lead === 0xa5 ? 1.1 : within(lead, 0xb0, 0xcf) ? 0.95 : 0.3,
);

/** Tried in this order; among equals the first is taken. */
export const encodings: readonly NameEncoding[] = [
  { label: 'windows-1252', scores: (_, text) => westernScores(text) },
  shiftJis,
  gbk,
  big5,
  eucKr,
  eucJp,
  { label: 'ibm866', scores: russianScores },
  { label: 'windows-1251', scores: russianScores },
];
