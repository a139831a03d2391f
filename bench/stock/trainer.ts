import * as tf from '@tensorflow/tfjs-core';
import type { StepSubject, StockSubject } from '../step-subject';
import type { Variables } from './model';

/** AdamW as one writes it with TensorFlow.js: its Adam, after the weights were decayed. */
export class StockTrainer {
  private readonly variables: Variables;
  private readonly trained: tf.Variable[];
  private readonly optimizer: ReturnType<typeof tf.train.adam>;

  constructor(
    private readonly subject: StockTrainerSubject,
    private readonly options: StockTrainerOptions,
  ) {
    const { parts, weights, trained } = subject;
    this.variables = new Map(
      parts.map(({ name, shape }) => {
        const initial = tf.tensor(weights.get(name) ?? new Float32Array(), [...shape]);
        return [name, tf.variable(initial, trained.has(name))];
      }),
    );
    this.trained = [...this.variables].filter(([name]) => trained.has(name)).map(([, variable]) => variable);
    this.optimizer = tf.train.adam(options.learningRate, options.beta1, options.beta2, options.epsilon);
  }

  /** One step; the loss before it. */
  async step(): Promise<number> {
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => this.subject.loss(this.variables), this.trained);
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

export interface StockTrainerSubject extends StockSubject, Pick<StepSubject, 'parts' | 'weights'> {}

export interface StockTrainerOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Checkpoint names that take no weight decay. */
  readonly noDecay: ReadonlySet<string>;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}
