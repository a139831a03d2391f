import type { SvgElement } from './markup';
import { childElements } from './references';

/** Octaves of noise after which nothing is to be seen any more: each is half as strong as the one before. */
export const maxOctaves = 9;

/** Cost of a primitive over the whole picture, in simple shapes. */
const pass = 80;

/**
 * Cost of applying a filter once. A result that several primitives use is counted for each of them, since browsers may compute it again.
 */
export function filterCost(filter: SvgElement): number {
  const results = new Map<string, number>();
  let previous = 0;
  for (const primitive of childElements(filter)) {
    const inputs = [primitive, ...childElements(primitive).filter(({ name }) => name === 'feMergeNode')].flatMap(
      ({ attributes }) => [attributes.get('in'), attributes.get('in2')].filter((name) => name !== undefined),
    );
    const sources = inputs.length === 0 ? [previous] : inputs.map((name) => results.get(name) ?? 0);
    previous = sources.reduce((sum, cost) => sum + cost, primitiveCost(primitive));
    const result = primitive.attributes.get('result');
    if (result !== undefined) results.set(result, previous);
  }
  return previous;
}

function primitiveCost({ name, attributes }: SvgElement): number {
  switch (name) {
    case 'feTurbulence':
      return pass * (1 + Math.min(maxOctaves, Math.abs(Number(attributes.get('numOctaves') ?? 1)) || 1));
    case 'feConvolveMatrix':
      return pass * (1 + (attributes.get('kernelMatrix')?.length ?? 0) / 8);
    case 'feMorphology':
      return pass * (1 + Math.min(256, Math.abs(Number.parseFloat(attributes.get('radius') ?? '0')) || 0) / 4);
    case 'feDiffuseLighting':
    case 'feSpecularLighting':
      return pass * 4;
    default:
      return pass;
  }
}
