import { adapterClass, type TuningTarget } from './adapter-class';
import type { KernelChoice } from './kernel-choice';
import { allTunings, tuningOf, type TuningTask } from './ops/tuning';
import { contestOf, taskName } from './tuning-tasks';

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
export function chosenName(choice: KernelChoice, task: TuningTask): string {
  return tuningOf(task).chosen(choice, task);
}

/** The kernels that do well on adapters of this class, without timing anything: the same choice every time. */
export function defaultChoice(target: TuningTarget): KernelChoice {
  return namedChoice(target, new Map());
}

/** The default choice, but for tasks whose variant is named. */
export function namedChoice(target: TuningTarget, names: ReadonlyMap<string, string>): KernelChoice {
  return allTunings.reduce<KernelChoice>((choice, tuning) => ({ ...choice, ...tuning.choice(target, names) }), {
    target: { cooperative: adapterClass(target.adapter) !== 'software' },
  });
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
