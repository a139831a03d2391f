import type { TuningTarget } from '../../adapter-class';
import type { TimedBuffers } from '../../kernel-timing';
import type { RunStep } from '../../webgpu/kernel-run';
import { storedAs, type Contest, type OpTuning, type TaskStorage } from '../tunable';
import { attentionCandidates } from './candidates';
import { attentionBackward, attentionForward, takesBlocks } from './kernels';
import { sourcesOf, type AttentionNode } from './node';
import { attentionVariantName, type AttentionShape, type AttentionVariant } from './problem';
import { attentionShape } from './shape';

/** Attention, with its gradient when that is needed too. */
export interface AttentionTask {
  readonly op: 'attention';
  readonly shape: AttentionShape;
  readonly causal: boolean;
  readonly training: boolean;
  /** Of what is attended with, that is of keys and values where these lie apart, and of the result. Default: all in f32. */
  readonly storage?: TaskStorage;
}

/** Of `KernelChoice`. */
export interface AttentionChoice {
  /** Variant for attention of this shape; absent: the one that works everywhere. */
  readonly attention?: (shape: AttentionShape) => AttentionVariant;
}

const rows: AttentionVariant = { kind: 'rows' };

/** The variant that a choice gives for a shape. */
export function attentionVariant({ attention }: AttentionChoice, shape: AttentionShape): AttentionVariant {
  return attention?.(shape) ?? rows;
}

export const attentionTuning: OpTuning<AttentionNode, AttentionTask, AttentionChoice> = {
  tasks(node, { shapeOf, storageOf, training }) {
    const sources = sourcesOf(node);
    const x = storageOf(sources.kind === 'together' ? sources.qkv : sources.keyValue);
    const storage = { x, y: storageOf(node.y) };
    return [{ op: 'attention', shape: attentionShape(node, shapeOf), causal: node.causal, training, storage }];
  },

  name,

  work,

  contest,

  chosen: (choice, { shape }) => attentionVariantName(attentionVariant(choice, shape)),

  choice(target, names) {
    const candidates = attentionCandidates(target);
    return {
      attention: (shape) => {
        const wanted = names.get(name({ shape }));
        return candidates.find((variant) => attentionVariantName(variant) === wanted) ?? candidates[0] ?? rows;
      },
    };
  },
};

/** Attention is chosen by its shape alone. */
function name({ shape: { batch, tokens, heads, headSize, apart } }: Pick<AttentionTask, 'shape'>): string {
  const keys = apart === undefined ? '' : ` to ${apart.keys}${apart.sharedQueries ? ' shared' : ''}`;
  return `attention ${batch}x${tokens}x${heads}x${headSize}${keys}`;
}

function work({ shape: { batch, tokens, heads, headSize, apart }, training, causal }: AttentionTask): number {
  // Two products forward and seven backward, where probabilities are computed again; a causal mask halves all of them.
  return (training ? 9 : 2) * batch * heads * tokens * (apart?.keys ?? tokens) * headSize * (causal ? 0.5 : 1);
}

/** Multiplications of an attention above which it is not tried without tiles: a GPU would be busy with that for so long that its driver may reset it. */
const mostWithoutTiles = 1e9;

function contest(target: TuningTarget, task: AttentionTask): Omit<Contest, 'name'> {
  const { storage = { x: 'f32', y: 'f32' } } = task;
  const candidates = attentionCandidates(target).filter(
    ({ kind }, index) => index === 0 || kind !== 'rows' || work(task) <= mostWithoutTiles,
  );
  const entrants = candidates.map((variant) => ({
    name: attentionVariantName(variant),
    steps: stepsOf(task, variant),
  }));
  // Where tiles do not fit, several variants are one and the same kernel.
  const code = (steps: readonly RunStep[]): string => steps.map(([kernel]) => kernel.code).join();
  const first = new Map(entrants.map((entrant) => [code(entrant.steps), entrant] as const).reverse());
  return {
    details: `${task.causal ? ' causal' : ''}${task.training ? ' training' : ''}${storedAs(storage)}`,
    buffers: buffersOf(task.shape, storage),
    entrants: entrants.filter((entrant) => first.get(code(entrant.steps)) === entrant),
  };
}

function buffersOf({ batch, tokens, heads, headSize, apart }: AttentionShape, storage: TaskStorage): TimedBuffers {
  const perRow = batch * heads * tokens;
  const y = { elements: perRow * headSize, storage: storage.y };
  if (apart === undefined) {
    const qkv = { elements: 3 * y.elements, storage: storage.x };
    const number = { elements: perRow, storage: 'f32' } as const;
    return { qkv, y, dy: y, logSumExp: number, dQkv: qkv, delta: number };
  }
  const query = {
    elements: (apart.sharedQueries ? tokens : batch * tokens) * heads * headSize,
    storage: 'f32',
  } as const;
  const keyValue = { elements: 2 * batch * apart.keys * heads * headSize, storage: storage.x };
  return {
    query,
    keyValue,
    y,
    dy: y,
    logSumExp: { elements: 2 * perRow, storage: 'f32' },
    dQuery: { elements: y.elements, storage: 'f32' },
    dKeyValue: keyValue,
  };
}

/** The kernels of a task without dropout and padding, in the order in which a step runs them. */
function stepsOf({ shape, causal, training }: AttentionTask, variant: AttentionVariant): readonly RunStep[] {
  const options = { causal, lengths: false, dropout: 0, salt: 0 };
  const inputs = shape.apart === undefined ? ['qkv'] : ['query', 'keyValue'];
  const forward = attentionForward(shape, { ...options, saveLogSumExp: training }, variant);
  if (!training) return [[forward, ...inputs, 'y']];
  const [query, keyValue] = attentionBackward(shape, options, variant);
  return shape.apart === undefined
    ? [
        [forward, ...inputs, 'y', 'logSumExp'],
        [query, ...inputs, 'y', 'dy', 'logSumExp', 'dQkv', 'delta'],
        [keyValue, ...inputs, 'dy', 'logSumExp', 'delta', 'dQkv'],
      ]
    : [
        [forward, ...inputs, 'y', 'logSumExp'],
        [query, ...inputs, 'y', 'dy', 'logSumExp', 'dQuery'],
        [keyValue, ...inputs, 'dy', 'logSumExp', 'dKeyValue'],
      ];
}

/** The variants that a choice gives for the attentions among some tasks, each once. */
export function usedAttention(
  choice: AttentionChoice,
  tasks: readonly { readonly op: string }[],
): readonly AttentionVariant[] {
  const variants = tasks.filter(isAttention).map(({ shape }) => attentionVariant(choice, shape));
  return [...new Map(variants.map((variant) => [attentionVariantName(variant), variant])).values()];
}

/** Whether a choice gives a task kernels that go over a sequence block by block. */
export function isLongAttention(choice: AttentionChoice, task: { readonly op: string }): boolean {
  return isAttention(task) && takesBlocks(task.shape, attentionVariant(choice, task.shape));
}

function isAttention(task: { readonly op: string }): task is AttentionTask {
  return task.op === 'attention';
}
