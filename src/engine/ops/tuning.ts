import { attentionTuning, type AttentionChoice, type AttentionTask } from './attention/tuning';
import { linearTuning, type LinearChoice, type LinearTask } from './linear/tuning';
import type { OpTuning, TuningContext } from './tunable';
import type { GraphNode } from '.';

/** What one choice of a variant is made for. */
export type TuningTask = LinearTask | AttentionTask;

/** The operations whose kernels come in variants. */
const tunings = { attention: attentionTuning, linear: linearTuning };

type AnyTuning = OpTuning<GraphNode, TuningTask, LinearChoice & AttentionChoice>;

/** How the operation of a task is tuned. */
export function tuningOf({ op }: Pick<TuningTask, 'op'>): AnyTuning {
  // A tuning is given its own nodes and tasks only.
  return tunings[op];
}

export const allTunings = Object.values(tunings) as readonly Pick<AnyTuning, 'choice'>[];

/** The choices that a node needs; none where its operation has one kernel for all. */
export function nodeTasks(node: GraphNode, context: TuningContext): readonly TuningTask[] {
  return node.op in tunings ? tuningOf(node as Pick<TuningTask, 'op'>).tasks(node, context) : [];
}
