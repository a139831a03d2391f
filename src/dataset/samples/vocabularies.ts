import { forms } from './drawing';
import type { QuestionVocabulary } from './questions';

/** Forms by their names, the plural being the name and an `s` unless it is given. */
function named(names: readonly (keyof typeof forms | readonly [keyof typeof forms, string])[]) {
  return names.map((name) => {
    const [one, many] = typeof name === 'string' ? [name, `${name}s`] : name;
    return { one, many, contains: forms[one] };
  });
}

/** How questions are put, and the answers that are neither forms nor colours. */
const asked = {
  numbers: ['one', 'two', 'three'],
  places: ['top left', 'top', 'top right', 'left', 'middle', 'right', 'bottom left', 'bottom', 'bottom right'],
  wordings: {
    colour: ['what color is the {a}?', 'which color does the {a} have?'],
    count: ['how many {as} are there?', 'how many {as} do you see?'],
    place: ['where is the {a}?', 'in which part is the {a}?'],
    size: ['which is larger, the {a} or the {b}?', 'what is larger, the {a} or the {b}?'],
    larger: ['is the {a} larger than the {b}?', 'is the {a} the larger one, not the {b}?'],
  },
} satisfies Partial<QuestionVocabulary>;

/** What the embedded model for questions was trained on. */
export const plainWords: QuestionVocabulary = {
  forms: named([
    'circle',
    'square',
    'triangle',
    'star',
    ['cross', 'crosses'],
    'heart',
    'diamond',
    'ring',
    'bar',
    'frame',
    'dome',
    'corner',
  ]),
  colours: {
    red: [217, 38, 38],
    orange: [242, 140, 30],
    yellow: [247, 214, 50],
    green: [47, 150, 64],
    blue: [45, 95, 215],
    purple: [125, 60, 175],
    pink: [245, 140, 190],
    black: [32, 32, 36],
    brown: [125, 75, 40],
    gray: [150, 150, 155],
  },
  ...asked,
};

/** The words of the sample: no form and no colour of {@link plainWords}; what is asked of them is the same. */
export const otherWords: QuestionVocabulary = {
  forms: named(['oval', 'crescent', 'drop', 'arrow', ['hourglass', 'hourglasses'], 'tile', 'bolt', ['arch', 'arches']]),
  colours: {
    maroon: [128, 16, 40],
    navy: [20, 30, 105],
    teal: [10, 130, 130],
    lime: [150, 225, 40],
    salmon: [250, 145, 120],
    lilac: [195, 160, 235],
    olive: [120, 120, 25],
    turquoise: [85, 215, 225],
  },
  ...asked,
};
