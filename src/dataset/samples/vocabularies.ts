import { forms } from './drawing';
import type { QuestionVocabulary } from './questions';

/** Forms by their names, the plural being the name and an `s` unless it is given. */
function named(names: readonly (keyof typeof forms | readonly [keyof typeof forms, string])[]) {
  return names.map((name) => {
    const [one, many] = typeof name === 'string' ? [name, `${name}s`] : name;
    return { one, many, contains: forms[one] };
  });
}

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
  numbers: ['one', 'two', 'three', 'four'],
  places: ['top left', 'top', 'top right', 'left', 'middle', 'right', 'bottom left', 'bottom', 'bottom right'],
  wordings: {
    colour: ['what color is the {a}?', 'which color does the {a} have?'],
    count: ['how many {as} are there?', 'how many {as} do you see?'],
    place: ['where is the {a}?', 'in which part is the {a}?'],
    size: ['which is larger, the {a} or the {b}?', 'what is larger, the {a} or the {b}?'],
  },
  orders: [
    { wording: 'is the {a} above the {b}?', step: [0, -1] },
    { wording: 'is the {a} below the {b}?', step: [0, 1] },
    { wording: 'is the {a} left of the {b}?', step: [-1, 0] },
    { wording: 'is the {a} right of the {b}?', step: [1, 0] },
  ],
};

/** The words of the sample: no form, no colour, no place and no wording of {@link plainWords}. */
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
  numbers: ['one', 'two', 'three', 'four'],
  places: ['north west', 'north', 'north east', 'west', 'centre', 'east', 'south west', 'south', 'south east'],
  wordings: {
    colour: ['tell the hue of the {a}', 'which hue has the {a}?'],
    count: ['count the {as}', 'give the number of {as}'],
    place: ['on which side lies the {a}?', 'locate the {a}'],
    size: ['name the bigger one: {a} or {b}', 'of {a} and {b}, which is bigger?'],
  },
  orders: [
    { wording: 'does the {a} lie north of the {b}?', step: [0, -1] },
    { wording: 'does the {a} lie south of the {b}?', step: [0, 1] },
    { wording: 'does the {a} lie west of the {b}?', step: [-1, 0] },
    { wording: 'does the {a} lie east of the {b}?', step: [1, 0] },
  ],
};
