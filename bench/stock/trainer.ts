import * as tf from '@tensorflow/tfjs-core';
import type { TaughtTask } from '../step-tasks';
import type { StockBatch, Variables } from './model';
import { modelTensors } from '../../src/model/architecture';
import type { ClipConfig } from '../../src/model/families/clip/config';
import { clipArchitecture } from '../../src/model/families/clip/family';

/** AdamW as one writes it with TensorFlow.js: its Adam, after the weights were decayed. */
export class StockTrainer {
  private readonly variables: Variables;
  private readonly trained: tf.Variable[];
  private readonly optimizer: ReturnType<typeof tf.train.adam>;

  /** @param trainable checkpoint names */
  constructor(
    private readonly config: ClipConfig,
    weights: ReadonlyMap<string, Float32Array>,
    trainable: ReadonlySet<string>,
    private readonly options: StockTrainerOptions,
  ) {
    const tensors = [...modelTensors(clipArchitecture(config)), ...options.task.parts];
    this.variables = new Map(
      tensors.map(({ name, shape }) => {
        const initial = tf.tensor(weights.get(name) ?? new Float32Array(), [...shape]);
        return [name, tf.variable(initial, trainable.has(name))];
      }),
    );
    this.trained = [...this.variables].filter(([name]) => trainable.has(name)).map(([, variable]) => variable);
    this.optimizer = tf.train.adam(options.learningRate, options.beta1, options.beta2, options.epsilon);
  }

  /** One step; the loss before it. */
  async step(batch: StockBatch): Promise<number> {
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => this.options.task.stockLoss(this.config, this.variables, batch),
        this.trained,
      );
      const { learningRate, weightDecay, noDecay } = this.options;
      for (const [name, variable] of this.variables) {
        if (!this.trained.includes(variable) || noDecay.has(name)) continue;
        variable.assign(tf.mul(variable, 1 - learningRate * weightDecay));
      }
      this.optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      return value;
    });
    const [read = NaN] = await loss.data();
    loss.dispose();
    return read;
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
    this.optimizer.dispose();
  }
}

export interface StockTrainerOptions {
  readonly task: Pick<TaughtTask, 'parts' | 'stockLoss'>;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Checkpoint names that take no weight decay. */
  readonly noDecay: ReadonlySet<string>;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}
