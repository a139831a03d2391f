import { elementCount, type ParameterSpec, type ValueId } from '../graph/value';
import { partialSumsTable, reducePartials, type PartialSums } from '../kernels/reduce-partials';
import { bufferUsage } from './constants';
import { aligned, type BufferGroup } from './memory';
import type { GradientSinks, PartialGradients } from './lower-backward';
import type { PlanBuilder, Slice } from './plan';
import type { StoredParameter } from './store';

/** A trainable parameter: where its weights lie and where, in a pool of the same number, its gradient and moments lie. */
export interface TrainedParameter {
  readonly spec: ParameterSpec;
  readonly stored: StoredParameter;
  /** Bytes from the start of the pool, for gradient and moments alike. */
  readonly offset: number;
  readonly bytes: number;
}

/** The trainable parameters that share one weight buffer. */
export interface GradientPool {
  readonly chunk: number;
  readonly parameters: readonly TrainedParameter[];
  readonly bytes: number;
}

/** Lays the trainable parameters out, one pool for each weight buffer that holds any. */
export function layOutPools(
  parameters: readonly { readonly spec: ParameterSpec; readonly stored: StoredParameter }[],
): readonly GradientPool[] {
  const pools = new Map<number, { parameters: TrainedParameter[]; bytes: number }>();
  for (const { spec, stored } of parameters) {
    const pool = pools.get(stored.chunk) ?? { parameters: [], bytes: 0 };
    pools.set(stored.chunk, pool);
    const bytes = aligned(4 * elementCount(spec.shape));
    pool.parameters.push({ spec, stored, offset: pool.bytes, bytes });
    pool.bytes += bytes;
  }
  return [...pools].sort(([a], [b]) => a - b).map(([chunk, pool]) => ({ chunk, ...pool }));
}

/** Bytes that partial sums take in the buffer that holds all of a step's. */
export function partialSumsBytes(slices: number, stride: number): number {
  return aligned(4 * slices * stride);
}

/** The gradients on the device, and the partial sums that become gradients at the end of backward. */
export class Gradients implements GradientSinks {
  readonly buffers: readonly GPUBuffer[];
  readonly cleared: Slice[] = [];
  private readonly places = new Map<ValueId, { readonly pool: number; readonly slice: Slice }>();
  private readonly partialsBuffer: GPUBuffer;
  private partialsEnd = 0;
  private pending: (PartialSums & { readonly pool: number })[] = [];

  constructor(
    private readonly device: GPUDevice,
    private readonly group: BufferGroup,
    private readonly builder: PlanBuilder,
    pools: readonly GradientPool[],
    partialsBytes: number,
  ) {
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
    this.buffers = pools.map(({ bytes, chunk }) => group.buffer('gradients', `gradients ${chunk}`, bytes, usage));
    this.partialsBuffer = group.buffer('gradients', 'partial sums', partialsBytes, usage);
    pools.forEach(({ parameters }, pool) => {
      const buffer = this.buffers[pool];
      if (buffer === undefined) return;
      for (const { spec, offset, bytes } of parameters) {
        this.places.set(spec.value, { pool, slice: { kind: 'slice', buffer, offset, bytes } });
      }
    });
  }

  parameter(id: ValueId): Slice {
    return this.place(id).slice;
  }

  partialSums({ slices, stride, into }: PartialGradients): Slice {
    const offset = this.partialsEnd;
    const bytes = partialSumsBytes(slices, stride);
    this.partialsEnd += bytes;
    const sums = into.map(({ parameter, start, count, accumulate }) => {
      const { pool, slice } = this.place(parameter);
      return { pool, partials: offset / 4 + start, slices, stride, gradient: slice.offset / 4, count, accumulate };
    });
    // Two sums into one gradient must not run side by side.
    const clash = sums.some((sum) =>
      this.pending.some(({ pool, gradient }) => pool === sum.pool && gradient === sum.gradient),
    );
    if (clash) this.flush();
    this.pending.push(...sums);
    return { kind: 'slice', buffer: this.partialsBuffer, offset, bytes };
  }

  clear(id: ValueId): void {
    this.cleared.push(this.place(id).slice);
  }

  /** Records the dispatches that turn partial sums into gradients: one for each pool. */
  flush(): void {
    this.buffers.forEach((buffer, pool) => {
      const sums = this.pending.filter((entry) => entry.pool === pool);
      if (sums.length === 0) return;
      const table = partialSumsTable(sums);
      const tableBuffer = this.group.buffer(
        'other',
        'partial sums table',
        table.byteLength,
        bufferUsage.storage | bufferUsage.copyDestination,
      );
      this.device.queue.writeBuffer(tableBuffer, 0, table);
      const whole = (held: GPUBuffer): Slice => ({ kind: 'slice', buffer: held, offset: 0, bytes: held.size });
      this.builder.dispatch(reducePartials(table), [whole(tableBuffer), whole(this.partialsBuffer), whole(buffer)]);
    });
    this.pending = [];
  }

  private place(id: ValueId): { readonly pool: number; readonly slice: Slice } {
    const place = this.places.get(id);
    if (place === undefined) throw new Error(`Value ${id} is no trainable parameter.`);
    return place;
  }
}
