import { parseRegExpLiteral, type AST } from '@eslint-community/regexpp';

/**
 * How long a regular expression from a file can take on a text of n characters. JavaScript tries one way after the other to match, and with some
 * expressions the number of ways doubles with every character: `(\w+\s?)+$` takes seconds for 26 letters. Those for which the bound below is low
 * can be handed any text.
 *
 * The bound counts the ways that are tried from one place of the text, as `constant + linear · n`:
 *
 * - alternatives add up, and what follows one another multiplies;
 * - a loop over something that matches in one way only has n ways to end, and one where nothing behind it can fail, as the first end is kept;
 * - a loop over something that itself matches in several ways, two loops one behind the other that may both have to give back, and references
 *   to groups have no bound.
 */
export interface PatternCost {
  readonly constant: number;
  readonly linear: number;
}

const one: PatternCost = { constant: 1, linear: 0 };
const unbounded: PatternCost = { constant: Infinity, linear: Infinity };

/** Twice what the widest pattern of a published tokenizer (o200k) comes to, and seconds away from being felt at the length of a caption. */
const most: PatternCost = { constant: 10_000, linear: 100 };

/** True where the expression is quick on any text of a caption's length. */
export function isQuick(pattern: RegExp): boolean {
  const { constant, linear } = patternCost(pattern);
  return constant <= most.constant && linear <= most.linear;
}

function patternCost(pattern: RegExp): PatternCost {
  return ofAlternatives(parseRegExpLiteral(pattern).pattern.alternatives, true);
}

/** @param last nothing behind it can fail */
function ofAlternatives(alternatives: readonly AST.Alternative[], last: boolean): PatternCost {
  return alternatives.map(({ elements }) => ofSequence(elements, last)).reduce(plus, { constant: 0, linear: 0 });
}

function ofSequence(elements: readonly AST.Element[], last: boolean): PatternCost {
  let cost = one;
  let lastHere = last;
  for (const element of [...elements].reverse()) {
    cost = times(cost, ofElement(element, lastHere));
    lastHere &&= element.type === 'Quantifier' && element.min === 0;
  }
  return cost;
}

function ofElement(element: AST.Element, last: boolean): PatternCost {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return ofAlternatives(element.alternatives, last);
    case 'Quantifier':
      return ofLoop(element, last);
    case 'Assertion':
      // A look around is over at its first match, but each look costs what its own loops run through.
      return 'alternatives' in element ? ofAlternatives(element.alternatives, false) : one;
    case 'Backreference':
      return unbounded;
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      return one;
  }
}

function ofLoop({ element, min, max }: AST.Quantifier, last: boolean): PatternCost {
  const body = ofElement(element, false);
  if (max <= 1) return plus(one, last ? ofElement(element, true) : body);
  if (matchesOneWay(element)) {
    const rounds = last ? { constant: Math.max(1, min), linear: 0 } : { constant: Math.max(1, min), linear: 1 };
    return times(body, max === Infinity || last ? rounds : { constant: max, linear: 0 });
  }
  if (max > 20) return unbounded;
  let cost = one;
  for (let round = 0; round < max; round++) cost = plus(one, times(cost, body));
  return cost;
}

/** At a given place it matches at most one piece of text, which is not empty, after finitely much looking around. */
function matchesOneWay(element: AST.Element): boolean {
  return hasOneWay(element) && consumes(element);
}

function hasOneWay(element: AST.Element): boolean {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return (
        element.alternatives.length === 1 && element.alternatives.every(({ elements }) => elements.every(hasOneWay))
      );
    case 'Quantifier':
      return element.min === element.max && hasOneWay(element.element);
    case 'Assertion':
      return ofElement(element, false).linear === 0;
    case 'Backreference':
      return false;
    default:
      return true;
  }
}

function consumes(element: AST.Element): boolean {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.every(({ elements }) => elements.some(consumes));
    case 'Quantifier':
      return element.min > 0 && consumes(element.element);
    case 'Assertion':
    case 'Backreference':
      return false;
    default:
      return true;
  }
}

function plus(a: PatternCost, b: PatternCost): PatternCost {
  return { constant: a.constant + b.constant, linear: a.linear + b.linear };
}

function times(a: PatternCost, b: PatternCost): PatternCost {
  if (a.linear > 0 && b.linear > 0) return unbounded;
  if (a.linear === 0 && b.linear === 0) return { constant: a.constant * b.constant, linear: 0 };
  return { constant: a.constant * b.constant, linear: a.constant * b.linear + a.linear * b.constant };
}
