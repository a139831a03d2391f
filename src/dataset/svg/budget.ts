import { filterCost } from './filters';
import { svgRefused, type SvgElement } from './markup';
import { childElements, hrefTarget, textOf, urlTargets } from './references';
import { doublesProperties, keysFor, readRules, type StyleRule } from './styles';

/**
 * Costs count in simple shapes: about 10 µs in Chromium on one core. A drawing within the budget is ready within some seconds.
 */
const budget = 300_000;
/** Deepest nesting once references are followed; browsers walk it by recursion. */
const maxDepth = 500;

const costs = {
  element: 1,
  /** Of the numbers in a path and the like. */
  character: 1 / 30,
  glyph: 1 / 5,
  /** Another surface of the picture's size: a mask, a group that is see-through or blended. */
  layer: 60,
  /** A copy is made, styled and laid out for each. */
  use: 5,
  clip: 10,
  picture: 200,
  /** One compound selector held against one element. */
  match: 1 / 20,
} as const;

/** Attributes whose length is work. */
const geometry = ['d', 'points', 'transform', 'stroke-dasharray', 'x', 'y', 'dx', 'dy', 'rotate', 'style'] as const;

interface Cost {
  readonly cost: number;
  readonly depth: number;
}

/**
 * Refuses a drawing that would take a browser more than some seconds. What a reference leads to is counted each time it is drawn, by
 * multiplication, so that this itself takes time in proportion to the document however often its parts are used.
 * @throws Error with a sentence for the user
 */
export function checkBudget(root: SvgElement): void {
  const all = flatten(root);
  const styles = all.filter(({ name }) => name === 'style');
  if (doublesProperties([...styles.map(textOf), ...all.map(({ attributes }) => attributes.get('style') ?? '')])) {
    throw svgRefused('its style sheet builds properties of each other without end');
  }
  const counter = new CostCounter(all, readRules(styles));
  if (counter.of(root).cost > budget) {
    throw svgRefused('drawing it would take too long: it has too many parts, or parts that repeat each other');
  }
}

class CostCounter {
  private readonly known = new Map<SvgElement, Cost>();
  private readonly underway = new Set<SvgElement>();
  private readonly byId = new Map<string, SvgElement>();
  private readonly rulesFor = new Map<string, { steps: number; readonly targets: string[] }>();

  constructor(all: readonly SvgElement[], rules: readonly StyleRule[]) {
    for (const element of all) {
      const id = element.attributes.get('id');
      if (id !== undefined && !this.byId.has(id)) this.byId.set(id, element);
    }
    for (const { key, targets, steps } of rules) {
      const entry = this.rulesFor.get(key) ?? { steps: 0, targets: [] };
      entry.steps += steps;
      entry.targets.push(...targets);
      this.rulesFor.set(key, entry);
    }
  }

  /**
   * Cost of drawing an element with all that it refers to.
   * @throws Error when it refers to itself, by whatever detour
   */
  of(element: SvgElement): Cost {
    const known = this.known.get(element);
    if (known !== undefined) return known;
    if (this.underway.has(element)) throw svgRefused('a part of it refers to itself');
    if (this.underway.size > maxDepth) throw tooDeep();
    this.underway.add(element);
    let cost = this.own(element);
    let depth = 0;
    const parts = [...childElements(element), ...this.references(element), ...this.styledWith(element)];
    for (const part of parts) {
      const of = this.of(part);
      cost += of.cost * this.times(element, part);
      depth = Math.max(depth, of.depth);
    }
    this.underway.delete(element);
    if (depth >= maxDepth) throw tooDeep();
    const counted = { cost, depth: depth + 1 };
    this.known.set(element, counted);
    return counted;
  }

  private own(element: SvgElement): number {
    const { name, attributes, children } = element;
    let cost: number = costs.element;
    for (const attribute of geometry) cost += (attributes.get(attribute)?.length ?? 0) * costs.character;
    for (const key of keysFor(element)) cost += (this.rulesFor.get(key)?.steps ?? 0) * costs.match;
    if (name === 'text' || name === 'tspan' || name === 'textPath') cost += textOf(element).length * costs.glyph;
    if (name === 'use') cost += costs.use;
    if (name === 'image') cost += costs.picture;
    if (name === 'mask') cost += costs.layer;
    if (name === 'clipPath') cost += costs.clip;
    if (name === 'filter') cost += filterCost(element);
    if (children.length > 0 && name !== 'style' && isLayer(attributes)) cost += costs.layer;
    return cost;
  }

  /** What an element says that it is drawn with. */
  private references(element: SvgElement): SvgElement[] {
    const ids = new Set<string>();
    const href = hrefTarget(element);
    if (href !== null) ids.add(href);
    for (const value of element.attributes.values()) for (const id of urlTargets(value)) ids.add(id);
    return [...ids].flatMap((id) => this.byId.get(id) ?? []);
  }

  /** What the style sheet may add to that. A rule that seems to be for its own target was read too widely. */
  private styledWith(element: SvgElement): SvgElement[] {
    const ids = new Set(keysFor(element).flatMap((key) => this.rulesFor.get(key)?.targets ?? []));
    return [...ids].flatMap((id) => this.byId.get(id) ?? []).filter((target) => !this.underway.has(target));
  }

  /** A marker is drawn at each corner; a path has a corner for every four characters at most. */
  private times(element: SvgElement, part: SvgElement): number {
    if (part.name !== 'marker' || element.name === 'marker') return 1;
    const { attributes } = element;
    return 1 + ((attributes.get('d') ?? attributes.get('points'))?.length ?? 8) / 4;
  }
}

function isLayer(attributes: ReadonlyMap<string, string>): boolean {
  const style = attributes.get('style') ?? '';
  const isSeeThrough = attributes.has('opacity') || style.includes('opacity:') || style.includes('opacity :');
  return isSeeThrough || style.includes('blend') || style.includes('isolation');
}

/** An element and all below it, in the order of the document. */
function flatten(root: SvgElement): readonly SvgElement[] {
  const all: SvgElement[] = [];
  const waiting = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    all.push(next);
    waiting.push(...childElements(next).toReversed());
  }
  return all;
}

function tooDeep(): Error {
  return svgRefused(`its parts refer to each other over ${maxDepth} deep`);
}
