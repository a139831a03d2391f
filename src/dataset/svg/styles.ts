import type { SvgElement } from './markup';
import { textOf, urlTargets } from './references';

/** A rule of a style sheet by what it costs: which elements it may be for, what it points to, how long matching it takes. */
export interface StyleRule {
  /** `.class`, `#id`, a tag's name, or `*` where any element may be meant. */
  readonly key: string;
  readonly targets: readonly string[];
  /** Compound selectors that an element which has the key is held against. */
  readonly steps: number;
}

/** Matching such a pseudo-class (`:has()`, `:nth-child()`, …) may look at all elements around. */
const pseudoSteps = 50;

/**
 * Rules of the style sheets within a document, one for each selector of a list. This is no CSS parser: what it does not understand counts as
 * applying to all elements, so that a cost is over- and never underestimated.
 */
export function readRules(styles: readonly SvgElement[]): readonly StyleRule[] {
  return styles.flatMap((style) => rulesOf(withoutComments(textOf(style))));
}

function rulesOf(text: string): StyleRule[] {
  const rules: StyleRule[] = [];
  let selectors = '';
  let from = 0;
  const close = (end: number): void => {
    const declarations = text.slice(from, end);
    const targets = urlTargets(declarations);
    // A custom property is inherited by whatever asks for it.
    const anyone = declarations.includes('--') && targets.length > 0;
    for (const selector of selectors.split(',')) {
      rules.push({ key: anyone ? '*' : keyOf(selector), targets, steps: stepsOf(selector) });
    }
    selectors = '';
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    // Of blocks within blocks (@media) the innermost is the rule.
    if (character === '{') selectors = text.slice(from, at);
    else if (character === '}') close(at);
    else continue;
    from = at + 1;
  }
  if (selectors !== '') close(text.length);
  return rules;
}

/**
 * True where custom properties are built of each other so often that their text may double at each step. Drawing programs write none such.
 */
export function doublesProperties(texts: readonly string[]): boolean {
  let doubling = 0;
  for (const text of texts) {
    for (const declaration of text.split(/[;{}]/)) {
      const isCustom = declaration.trimStart().startsWith('--');
      if (isCustom && declaration.split('var(').length > 2) doubling += 1;
    }
  }
  return doubling > 8;
}

/** Keys under which an element finds rules. */
export function keysFor(element: SvgElement): readonly string[] {
  const { name, attributes } = element;
  const classes = (attributes.get('class') ?? '').split(/\s+/).filter((each) => each !== '');
  const id = attributes.get('id');
  return ['*', name, ...classes.map((each) => `.${each}`), ...(id === undefined ? [] : [`#${id}`])];
}

function withoutComments(text: string): string {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('/*'); at >= 0; at = text.indexOf('/*', from)) {
    result += `${text.slice(from, at)} `;
    const end = text.indexOf('*/', at + 2);
    from = end < 0 ? text.length : end + 2;
  }
  return result + text.slice(from);
}

/** What the last compound of a selector asks for. */
function keyOf(selector: string): string {
  const last =
    selector
      .trim()
      .split(/[\s>+~]+/)
      .at(-1) ?? '';
  const [, key] = /^([.#]?[\w-]+)(?:[.#][\w-]+)*$/.exec(last) ?? [];
  return key ?? '*';
}

function stepsOf(selector: string): number {
  const compounds = selector.trim().split(/[\s>+~]+/).length;
  return compounds + pseudoSteps * (selector.split(':').length - 1) + (selector.split('[').length - 1);
}
