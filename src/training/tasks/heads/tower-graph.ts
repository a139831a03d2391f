import { GraphBuilder } from '../../../engine/graph/builder';
import type { Graph } from '../../../engine/graph/ir';
import type { ValueId } from '../../../engine/graph/value';
import type { Architecture, Stage, Tower, TowerOptions } from '../../../model/families/family';
import { lossOutput } from '../../../model/pair-graph';
import { addHead } from './graph';
import type { HeadPart, HeadShape } from './shape';

/** Outputs of the graph beside the loss: what comes out of the head, f32 `[batch, outputs]`, and what its last layer reads. */
export const logitsOutput = 'logits';
export const readOutput = 'read';

export interface SupervisedGraphOptions extends Omit<TowerOptions, 'from' | 'to' | 'reading'> {
  /** First computed stage of each tower; `features` leaves only the head. */
  readonly from: Readonly<Record<Tower, Stage>>;
  /** Adds the loss over what comes out of the head; null for inference. */
  readonly loss: ((builder: GraphBuilder, logits: ValueId) => ValueId) | null;
}

/** The towers that a head reads, the head, and a loss over what comes out of it. */
export function supervisedGraph(
  architecture: Architecture,
  shape: HeadShape,
  { from, loss, ...options }: SupervisedGraphOptions,
): Graph {
  const builder = new GraphBuilder();
  const tower = (reading: HeadShape['picture']): ValueId | null =>
    reading === null
      ? null
      : architecture.tower(builder, reading.tower, {
          ...options,
          from: from[reading.tower],
          reading: reading.reading,
        });
  const values = { picture: tower(shape.picture), words: tower(shape.words) };
  const { logits, read } = addHead(builder, shape, options.batch, values);
  return builder.build({
    ...(loss === null ? { [readOutput]: read } : { [lossOutput]: loss(builder, logits) }),
    [logitsOutput]: logits,
  });
}

/** All tensors of a head, in the order in which it uses them. */
export function headParts(shape: HeadShape): readonly HeadPart[] {
  const parts = new Map<string, HeadPart>();
  const builder = new GraphBuilder();
  const entering = (reading: HeadShape['picture'], name: string): ValueId | null =>
    reading === null ? null : builder.input(name, 'f32', [1, reading.width]);
  const values = { picture: entering(shape.picture, 'picture'), words: entering(shape.words, 'words') };
  addHead(builder, shape, 1, values, (part) => parts.set(part.name, part));
  return [...parts.values()];
}
