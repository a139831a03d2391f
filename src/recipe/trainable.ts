import type { Method } from './schema';

/** What the choice of trainable layers needs to know of a model: its group ids (`vision.blocks.3`, `text.projection`, `logit_scale`, …). */
export interface GroupLike {
  readonly id: string;
}

type Choice = Pick<Method, 'freeze' | 'lastBlocks' | 'trainableGroups'>;

/**
 * Ids of the groups that a method trains, in the model's order. Groups that the model does not have are ignored.
 *
 * `projections` and `last-blocks` train the logit scale too, as every contrastive fine-tuning does. A locked tower is locked as a whole, with its
 * projection (LiT, https://arxiv.org/abs/2111.07991).
 */
export function trainableGroups(choice: Choice, groups: readonly GroupLike[]): ReadonlySet<string> {
  const wanted = groupPredicate(choice, groups);
  return new Set(groups.map(({ id }) => id).filter(wanted));
}

function groupPredicate(choice: Choice, groups: readonly GroupLike[]): (id: string) => boolean {
  switch (choice.freeze) {
    case 'full':
      return () => true;
    case 'last-blocks': {
      const first = {
        vision: blockCount('vision', groups) - choice.lastBlocks,
        text: blockCount('text', groups) - choice.lastBlocks,
      };
      return (id) => {
        const block = parseBlock(id);
        if (block !== null) return block.index >= first[block.tower];
        return !id.endsWith('.embeddings');
      };
    }
    case 'projections':
      return (id) => id.endsWith('.projection') || id === 'logit_scale';
    case 'image-locked':
      return (id) => !id.startsWith('vision.');
    case 'text-locked':
      return (id) => !id.startsWith('text.');
    case 'custom': {
      const chosen = new Set(choice.trainableGroups);
      return (id) => chosen.has(id);
    }
    default:
      return choice.freeze satisfies never;
  }
}

/** Tower and index of a block's id; null for other groups. */
export function parseBlock(id: string): { readonly tower: 'vision' | 'text'; readonly index: number } | null {
  const match = /^(vision|text)\.blocks\.(\d+)$/.exec(id);
  if (match === null) return null;
  return { tower: match[1] === 'vision' ? 'vision' : 'text', index: Number(match[2]) };
}

/** Number of transformer blocks of a tower. */
export function blockCount(tower: 'vision' | 'text', groups: readonly GroupLike[]): number {
  return groups.filter(({ id }) => parseBlock(id)?.tower === tower).length;
}

/** Longest list of groups that the schema takes. */
const maxCustomGroups = 200;

/**
 * The choice that trains exactly the given groups: a named one where it does, and the list otherwise. A model with more groups than a list may
 * hold cannot be frozen layer by layer beyond that length.
 */
export function chooseGroups(current: Choice, groups: readonly GroupLike[], wanted: ReadonlySet<string>): Choice {
  const rest = { lastBlocks: current.lastBlocks, trainableGroups: current.trainableGroups };
  const deepest = Math.max(blockCount('vision', groups), blockCount('text', groups), 1);
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
