import { attentionCandidates, defaultChoice, matmulCandidates, type TuningTarget } from './kernel-candidates';
import { attentionVariantName } from './ops/attention/problem';
import { defaultVariant } from './ops/linear/kernels';
import { variantName } from './ops/linear/matmul-problem';
import { contestOf, taskName, type TuningTask } from './tuning-tasks';
import type { KernelChoice } from './webgpu/lowering';

/**
 * The kernels of a run as plain data: the variant that is used for each task, and whether invocations of a workgroup share work. With them `pinned`, a later
 * run on an adapter of the same kind computes by the same kernels.
 */
export type KernelNames = Readonly<Record<string, string>>;

/** Name of the entry for what all other kernels do. */
const workgroups = 'workgroups';
const sharing = { true: 'shared work', false: 'lone invocations' } as const;

/** Names the kernels that a choice gives for some tasks. */
export function kernelNames(choice: KernelChoice, tasks: readonly TuningTask[]): KernelNames {
  return Object.fromEntries([
    [workgroups, sharing[`${choice.target.cooperative}`]],
    ...tasks.map((task) => [taskName(task), chosenName(choice, task)] as const),
  ]);
}

/** Name of the variant that a choice gives for a task. */
export function chosenName({ linear, attention }: KernelChoice, task: TuningTask): string {
  if (task.op === 'linear') return variantName(linear?.(task.pass, task.shape) ?? defaultVariant);
  return attentionVariantName(attention?.(task.shape) ?? { kind: 'rows' });
}

/** The default choice, but for tasks whose variant is named. */
export function namedChoice(target: TuningTarget, names: ReadonlyMap<string, string>): KernelChoice {
  const usual = defaultChoice(target);
  return {
    ...usual,
    linear: (pass, shape) => {
      const name = names.get(taskName({ op: 'linear', pass, shape }));
      const named = matmulCandidates(target, pass, shape).find((variant) => variantName(variant) === name);
      return named ?? usual.linear?.(pass, shape) ?? defaultVariant;
    },
    attention: (shape) => {
      const name = names.get(taskName({ op: 'attention', shape }));
      const named = attentionCandidates(target).find((variant) => attentionVariantName(variant) === name);
      return named ?? usual.attention?.(shape) ?? { kind: 'rows' };
    },
  };
}

/**
 * The choice that names of kernels stand for, as far as this adapter has them, and the default for all else.
 * @returns with notes, for people, of what could not be followed
 */
export function pinnedChoice(
  target: TuningTarget,
  tasks: readonly TuningTask[],
  pinned: KernelNames,
): { readonly choice: KernelChoice; readonly notes: readonly string[] } {
  const usual = defaultChoice(target);
  const names = new Map<string, string>();
  const notes: string[] = [];
  const left = new Map(Object.entries(pinned));
  const shares = left.get(workgroups);
  left.delete(workgroups);
  for (const task of tasks) {
    const { name, entrants } = contestOf(target, task);
    const wanted = left.get(name);
    left.delete(name);
    if (wanted !== undefined && entrants.some((entrant) => entrant.name === wanted)) names.set(name, wanted);
    else {
      const fault = wanted === undefined ? 'none is named for it' : `${wanted} is not among those for this adapter`;
      notes.push(
        `The kernel for ${name} is not the one of the run that is repeated: ${fault}. ${chosenName(usual, task)} is used.`,
      );
    }
  }
  if (left.size > 0) {
    const names = [...left.keys()].join(', ');
    notes.push(`Kernels of the run that is repeated are for what this run does not compute: ${names}.`);
  }
  const cooperative = shares === undefined ? usual.target.cooperative : shares === sharing.true;
  const choice = namedChoice(target, names);
  return { choice: { ...choice, target: { ...choice.target, cooperative } }, notes };
}
