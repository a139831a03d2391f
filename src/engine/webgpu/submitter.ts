import type { PlannedDispatch } from './plan';

/** Longest that one submission should keep the GPU busy, so that the page's own drawing gets its turn. */
const sliceMilliseconds = 50;

/**
 * Records dispatches into command buffers and submits them in slices of about `sliceMilliseconds`, judged by the speed of earlier runs.
 */
export class Submitter {
  /** Work per millisecond; starts low, so that the first submissions are short. */
  private speed: number;
  private lastDone = 0;

  constructor(
    private readonly device: GPUDevice,
    software: boolean,
  ) {
    this.speed = software ? 2e6 : 1e8;
  }

  /**
   * Issues `dispatches[from…to)`; returns the number of submissions. All are recorded before the first is submitted: a software adapter takes
   * every core as soon as it has work.
   *
   * @param before records what is done before all of them, and `after` what is done after, in the same submissions
   */
  issue(
    dispatches: readonly PlannedDispatch[],
    from: number,
    to: number,
    before?: (encoder: GPUCommandEncoder) => void,
    after?: (encoder: GPUCommandEncoder) => void,
  ): number {
    const budget = this.speed * sliceMilliseconds;
    const slices: GPUCommandBuffer[] = [];
    let index = from;
    let first = before;
    let last = after;
    while (index < to || first !== undefined || last !== undefined) {
      const encoder = this.device.createCommandEncoder();
      first?.(encoder);
      first = undefined;
      if (index < to) index = this.record(encoder, dispatches, index, to, budget);
      if (index >= to) {
        last?.(encoder);
        last = undefined;
      }
      slices.push(encoder.finish());
    }
    for (const slice of slices) this.device.queue.submit([slice]);
    return slices.length;
  }

  private record(
    encoder: GPUCommandEncoder,
    dispatches: readonly PlannedDispatch[],
    from: number,
    to: number,
    budget: number,
  ): number {
    const pass = encoder.beginComputePass();
    let pipeline: GPUComputePipeline | null = null;
    let work = 0;
    let index = from;
    for (; index < to; index++) {
      const dispatch = dispatches[index];
      if (dispatch === undefined || (index > from && work + dispatch.work > budget)) break;
      if (dispatch.pipeline !== pipeline) {
        pipeline = dispatch.pipeline;
        pass.setPipeline(pipeline);
      }
      pass.setBindGroup(0, dispatch.group);
      pass.dispatchWorkgroups(dispatch.x, dispatch.y, dispatch.z);
      work += dispatch.work;
    }
    pass.end();
    return index;
  }

  /** Resolves when all that was submitted is done, and learns the adapter's speed from it. */
  async finished(work: number): Promise<void> {
    const issued = performance.now();
    await this.device.queue.onSubmittedWorkDone();
    const now = performance.now();
    const elapsed = now - Math.max(issued, this.lastDone);
    this.lastDone = now;
    if (elapsed < 1 || work === 0) return;
    // Moves half of the way to each measurement: one disturbed step then neither stalls nor floods the queue.
    this.speed = Math.max(1e5, (this.speed + work / elapsed) / 2);
  }
}
