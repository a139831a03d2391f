import type { Method } from './schema';

/** A group of layers by its place in a model. Its id is nothing but a name. */
export interface GroupPlace {
  readonly id: string;
  /** The part of the model that it belongs to: `vision`, `text`; null for what belongs to all. */
  readonly tower: string | null;
  readonly kind: 'embeddings' | 'block' | 'norm' | 'projection' | 'scale';
  /** Of a block among those of its tower, from 0 at the input; null for others. */
  readonly index: number | null;
}

type Choice = Pick<Method, 'freeze' | 'lastBlocks' | 'trainableGroups'>;

/**
 * Ids of the groups that a method trains, in the model's order. Groups that the model does not have are ignored.
 *
 * `projections` and `last-blocks` train the scalars of the loss too, as every contrastive fine-tuning does. A locked tower is locked as a whole,
 * with its projection (LiT, https://arxiv.org/abs/2111.07991);
 * of a model that writes words, all that reads or writes them is locked as text.
 */
export function trainableGroups(choice: Choice, groups: readonly GroupPlace[]): ReadonlySet<string> {
  const wanted = groupPredicate(choice, groups);
  return new Set(groups.filter(wanted).map(({ id }) => id));
}

function groupPredicate(choice: Choice, groups: readonly GroupPlace[]): (group: GroupPlace) => boolean {
  switch (choice.freeze) {
    case 'full':
      return () => true;
    case 'last-blocks': {
      const depths = new Map(groups.map(({ tower }) => [tower, blockCount(tower, groups)]));
      return ({ tower, kind, index }) =>
        index === null ? kind !== 'embeddings' : index >= (depths.get(tower) ?? 0) - choice.lastBlocks;
    }
    case 'projections':
      return ({ kind }) => kind === 'projection' || kind === 'scale';
    case 'image-locked':
      return ({ tower }) => tower !== 'vision';
    case 'text-locked':
      return ({ tower }) => tower === 'vision' || tower === null;
    case 'custom': {
      const chosen = new Set(choice.trainableGroups);
      return ({ id }) => chosen.has(id);
    }
    default:
      return choice.freeze satisfies never;
  }
}

/** Number of transformer blocks of a tower. */
export function blockCount(tower: string | null, groups: readonly GroupPlace[]): number {
  return groups.filter((group) => group.tower === tower && group.kind === 'block').length;
}

/** Blocks of the deepest tower, at least one. */
export function deepestTower(groups: readonly GroupPlace[]): number {
  return Math.max(1, ...groups.map(({ tower }) => blockCount(tower, groups)));
}

/** Longest list of groups that the schema takes. */
const maxCustomGroups = 200;

/**
 * The choice that trains exactly the given groups: a named one where it does, and the list otherwise. A model with more groups than a list may
 * hold cannot be frozen layer by layer beyond that length.
 */
export function chooseGroups(current: Choice, groups: readonly GroupPlace[], wanted: ReadonlySet<string>): Choice {
  const rest = { lastBlocks: current.lastBlocks, trainableGroups: current.trainableGroups };
  const deepest = deepestTower(groups);
  const named: readonly Choice[] = [
    ...(['full', 'projections', 'image-locked', 'text-locked'] as const).map((freeze) => ({ freeze, ...rest })),
    ...Array.from({ length: Math.min(deepest, 48) }, (_, index) => ({
      freeze: 'last-blocks' as const,
      lastBlocks: index + 1,
      trainableGroups: current.trainableGroups,
    })),
  ];
  const match = named.find((choice) => sameSet(trainableGroups(choice, groups), wanted));
  if (match !== undefined) return match;
  const ids = groups.map(({ id }) => id).filter((id) => wanted.has(id));
  return { freeze: 'custom', lastBlocks: current.lastBlocks, trainableGroups: ids.slice(0, maxCustomGroups) };
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((member) => b.has(member));
}
