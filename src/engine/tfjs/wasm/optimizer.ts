import { clipByValue, scalar, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorMap, TrainerOptions } from '../../executor';
import { progressEntries, readProgress } from '../../trainer-state';
import { Moments } from '../moments';
import type { OptimizedParameter, TfjsOptimizer } from '../optimizer';
import type { TfjsStore } from '../store';
import type { WasmHeap } from './heap';
import { overElements } from './parallel';

/** The same updates as `ComposedOptimizer`, each in one pass over a parameter and in place. */
export class WasmOptimizer implements TfjsOptimizer {
  private readonly moments: Moments;
  /** Steps taken. */
  private steps = 0;

  constructor(
    private readonly parameters: readonly OptimizedParameter[],
    private readonly store: TfjsStore,
    private readonly options: TrainerOptions,
    private readonly heap: WasmHeap,
  ) {
    this.moments = new Moments(
      parameters.map(({ spec }) => spec),
      options.optimizer,
    );
  }

  get bytes(): number {
    return this.moments.bytes;
  }

  update(gradients: readonly Tensor[], loss: Tensor, learningRate: number): Tensor {
    const { heap, options } = this;
    const squares = gradients.reduce((sum, g) => sum + heap.kernels.sumOfSquares(heap.address(g), g.size), 0);
    const norm = Math.sqrt(squares);
    if (!Number.isFinite(norm) || !Number.isFinite(loss.dataSync()[0])) return scalar(norm);
    this.steps++;
    const clip = options.maxGradNorm === null ? 1 : Math.min(1, options.maxGradNorm / (norm + 1e-6));
    this.parameters.forEach(({ spec, rateFactor, weightDecay, clamp }, index) => {
      const gradient = gradients[index];
      if (gradient === undefined) throw new Error('The optimizer was given too few gradients.');
      const moments = this.moments.of(index).map((moment) => heap.address(moment));
      const parameter = this.store.tensor(spec.parts);
      this.updateOne(
        heap.address(parameter),
        moments,
        heap.address(gradient),
        gradient.size,
        clip,
        weightDecay,
        learningRate * rateFactor,
      );
      if (clamp !== null) this.store.replace(spec.parts, clipByValue(parameter, ...clamp));
    });
    return scalar(norm);
  }

  async snapshot(): Promise<Map<string, Float32Array>> {
    const { steps } = this;
    return new Map([...(await this.moments.read()), ...progressEntries({ steps, lossScaling: null })]);
  }

  restore(state: TensorMap): void {
    const { steps } = readProgress(state, this.moments.lengths(), false);
    this.moments.write(state);
    this.steps = steps;
  }

  dispose(): void {
    this.moments.dispose();
  }

  private updateOne(
    p: number,
    [first = 0, second = 0]: readonly number[],
    g: number,
    length: number,
    clip: number,
    weightDecay: number,
    learningRate: number,
  ): void {
    const { steps, options } = this;
    const { optimizer } = options;
    if (optimizer.type === 'sgd') {
      const { momentum, nesterov } = optimizer;
      const rest = [clip, weightDecay, momentum, Number(nesterov), learningRate];
      overElements(this.heap, length, (from, count) => {
        const at = from * 4;
        return { kernel: 'momentum', args: [p + at, first === 0 ? 0 : first + at, g + at, count, ...rest] };
      });
      return;
    }
    const { beta1, beta2, epsilon } = optimizer;
    const decoupled = optimizer.type === 'adamw';
    const rate = learningRate / (1 - beta1 ** steps);
    const correction = 1 / Math.sqrt(1 - beta2 ** steps);
    const decay = decoupled ? [0, 1 - learningRate * weightDecay] : [weightDecay, 1];
    const rest = [clip, ...decay, beta1, beta2, rate, correction, epsilon];
    overElements(this.heap, length, (from, count) => {
      const at = from * 4;
      return { kernel: 'adam', args: [p + at, first + at, second + at, g + at, count, ...rest] };
    });
  }
}
