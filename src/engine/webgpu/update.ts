import type { TrainerOptions } from '../executor';
import { elementCount } from '../graph/value';
import { finishStep, squaredSums, squaredSumsCount } from '../kernels/gradient-norm';
import { optimizerStep, updateTable, type UpdateSegment } from '../kernels/optimizer';
import { updateSettings } from '../parameter-groups';
import { momentNames } from '../trainer-state';
import { bufferUsage } from './constants';
import type { ExecutorContext } from './context';
import type { GradientPool } from './gradient-pools';
import { aligned, type BufferGroup } from './memory';
import type { Operand, PlanBuilder, Slice } from './plan';

/** Moment buffers: one list a pool, in the order of `momentNames`. */
export type Moments = readonly (readonly GPUBuffer[])[];

function slice(buffer: GPUBuffer): Slice {
  return { kind: 'slice', buffer, offset: 0, bytes: buffer.size };
}

/** Allocates the moments, all zero. */
export function createMoments(group: BufferGroup, pools: readonly GradientPool[], options: TrainerOptions): Moments {
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
  return pools.map(({ bytes, chunk }) =>
    momentNames(options.optimizer).map((name) => group.buffer('moments', `${name} ${chunk}`, bytes, usage)),
  );
}

/** What each parameter's update is told. */
function updateSegments(pool: GradientPool, options: TrainerOptions): readonly UpdateSegment[] {
  return pool.parameters.map(({ spec, stored, offset }) => ({
    weight: stored.slice.offset / 4,
    gradient: offset / 4,
    count: elementCount(spec.shape),
    ...updateSettings(spec, options),
  }));
}

export interface UpdateBuffers {
  readonly scalars: Slice;
  readonly loss: Operand;
  readonly ring: GPUBuffer;
  readonly weights: readonly GPUBuffer[];
  readonly gradients: readonly GPUBuffer[];
  readonly moments: Moments;
  /** What the trainer counts (`initialProgress`). */
  readonly progress: Slice;
  /** Whether the gradients are those of the loss times the loss scale. */
  readonly scaled: boolean;
  /** The logit scale's natural log; null where the loss has none. */
  readonly logitScale: Operand | null;
}

/** Records norm, clipping, reading and optimizer step. */
export function recordUpdate(
  { device, choice }: ExecutorContext,
  group: BufferGroup,
  builder: PlanBuilder,
  pools: readonly GradientPool[],
  options: TrainerOptions,
  buffers: UpdateBuffers,
): void {
  const { cooperative } = choice.target;
  const counts = pools.map(({ bytes }) => squaredSumsCount(bytes / 4, cooperative));
  const offsets: number[] = [];
  let end = 0;
  for (const count of counts) {
    offsets.push(end);
    end += aligned(4 * count);
  }
  const partials = group.buffer('other', 'squared sums', end, bufferUsage.storage);
  const control = group.buffer('other', 'step control', 32, bufferUsage.storage | bufferUsage.copySource);
  pools.forEach(({ bytes }, index) => {
    const gradients = buffers.gradients[index];
    if (gradients === undefined) return;
    const part: Slice = {
      kind: 'slice',
      buffer: partials,
      offset: offsets[index] ?? 0,
      bytes: aligned(4 * (counts[index] ?? 0)),
    };
    builder.dispatch(squaredSums(bytes / 4, { cooperative }), [slice(gradients), part]);
  });
  builder.dispatch(
    finishStep(end / 4, {
      maxNorm: options.maxGradNorm,
      cooperative,
      scaled: buffers.scaled,
      logitScale: buffers.logitScale !== null,
      optimizer: options.optimizer,
    }),
    [
      buffers.scalars,
      slice(partials),
      buffers.loss,
      slice(control),
      slice(buffers.ring),
      buffers.progress,
      ...(buffers.logitScale === null ? [] : [buffers.logitScale]),
    ],
  );
  pools.forEach((pool, index) => {
    const table = updateTable(updateSegments(pool, options));
    const usage = bufferUsage.storage | bufferUsage.copyDestination;
    const tableBuffer = group.buffer('other', 'update table', table.byteLength, usage);
    device.queue.writeBuffer(tableBuffer, 0, table);
    const weights = buffers.weights[pool.chunk];
    const gradients = buffers.gradients[index];
    if (weights === undefined || gradients === undefined) throw new Error(`Pool ${pool.chunk} has no buffers.`);
    const moments = (buffers.moments[index] ?? []).map(slice);
    const operands = [
      buffers.scalars,
      slice(tableBuffer),
      slice(control),
      slice(weights),
      slice(gradients),
      ...moments,
    ];
    builder.dispatch(optimizerStep(table, options.optimizer), operands);
  });
}
