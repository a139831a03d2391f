import type { MemoryQuestion, TaskMemory } from '../memory';
import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ValueId } from '../../../engine/graph/value';
import { elementLoss } from '../../../engine/ops/element-loss/node';
import { headShape, type HeadShape, type HeadTask } from './shape';
import { headParts, supervisedGraph } from './tower-graph';

/** The towers that a head reads, with the head and a loss over what comes out of it. */
export function headMemory(
  { architecture }: Pick<MemoryQuestion, 'architecture'>,
  task: HeadTask,
  out: Pick<HeadShape, 'outputs' | 'ordered'>,
): TaskMemory {
  const shape = headShape(task, architecture, out);
  const read = [shape.picture, shape.words].flatMap((reading) => reading ?? []);
  return {
    towers: read.map(({ tower, reading }) => ({ tower, reading })),
    ownTrained: headParts(shape).map(({ name }) => name),
    training: ({ batch, tokens, squareSide, normalization, from }) =>
      supervisedGraph(architecture, shape, {
        batch,
        tokens,
        squareSide,
        normalization,
        from: {
          vision: shape.picture === null ? 'features' : from.vision,
          text: shape.words === null ? 'features' : from.text,
        },
        loss: anyLoss,
      }),
  };
}

/** Losses over what comes out of a head are small beside towers, whichever it is. */
function anyLoss(builder: GraphBuilder, logits: ValueId): ValueId {
  const shape = builder.shape(logits);
  const input = (name: string): ValueId => builder.input(name, 'f32', shape);
  return elementLoss(builder, logits, { targets: input('wanted'), weights: input('weights') }, { kind: 'squared' });
}
