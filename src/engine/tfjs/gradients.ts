import { add, concat, dispose, scalar, slice, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type InputData, type TrainerOptions } from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import type { ParameterSpec, ValueId } from '../graph/value';
import { batchLossOf, comparedPart, type LossNode } from '../graph/loss';
import { ruleOf, type OpRules, type RunContext } from './rule';
import { GraphRun, storedParameters, type GraphParameters } from './run';
import { schedule, type Schedule } from './schedule';
import type { TfjsStore } from './store';

/** Loss and gradients in the order of the trained parameters. The caller disposes of them. */
export interface LossAndGradients {
  readonly loss: Tensor;
  readonly gradients: Tensor[];
}

/** Forward and backward of a training program. */
export interface GradientComputation {
  compute(inputs: InputData, seed: number): LossAndGradients;
}

/** What both ways to compute gradients need. */
interface Setup {
  readonly program: TrainingProgram;
  readonly trained: readonly ParameterSpec[];
  readonly rules: OpRules;
  readonly store: TfjsStore;
  readonly options: TrainerOptions;
  /** Called after each step of a run. */
  readonly afterStep: () => void;
}

/** In one go, or over several micro-batches that share a loss. */
export function gradientComputation(setup: Setup): GradientComputation {
  return (setup.options.microBatches ?? 1) === 1 ? new WholeBatch(setup) : new MicroBatches(setup);
}

class WholeBatch implements GradientComputation {
  private readonly plan: Schedule;

  constructor(private readonly setup: Setup) {
    const { program, rules, options } = setup;
    const graph = { ...program.graph, outputs: { loss: program.loss } };
    this.plan = schedule(graph, rules, program.backward, options.checkpointing);
  }

  compute(inputs: InputData, seed: number): LossAndGradients {
    const { program, trained, afterStep } = this.setup;
    const run = new GraphRun(this.plan, inputs, parametersOf(this.setup), seed, afterStep);
    try {
      run.forward();
      const loss = run.tensor(program.loss).clone();
      const byId = run.backward(new Map([[program.loss, scalar(1)]]), program.trainable);
      return { loss, gradients: inOrder(trained, byId) };
    } finally {
      run.dispose();
    }
  }
}

/** Sets the dropout masks of neighbouring micro-batches apart. */
const seedStride = 0x9e3779b1;

/**
 * Gradients of one loss over all micro-batches, exact (Gao et al. 2021, arXiv 2101.06983): the features of each, then the loss and
 * its gradient in all features, then forward and backward through each micro-batch from the gradients of its features.
 */
class MicroBatches implements GradientComputation {
  private readonly count: number;
  private readonly loss: LossNode;
  private readonly features: Schedule;
  private readonly plan: Schedule;

  constructor(private readonly setup: Setup) {
    const { program, rules, options } = setup;
    this.count = options.microBatches ?? 1;
    const { graph } = program;
    const loss = batchLossOf(program);
    if (loss === null) {
      throw new EngineError('validation', 'This loss cannot be computed over several micro-batches.');
    }
    this.loss = loss;
    const towers = comparedPart(graph, loss);
    const backward = program.backward.filter(({ node }) => node !== loss.node);
    this.features = schedule(towers, rules);
    this.plan = schedule(towers, rules, backward, options.checkpointing);
  }

  compute(inputs: InputData, seed: number): LossAndGradients {
    const parts = Array.from({ length: this.count }, (_, part) => this.part(inputs, part));
    const features = parts.map((part, index) => this.featuresOf(part, seed + index * seedStride));
    const { loss, ofCompared, ofParameters } = this.lossOf(inputs, features);
    dispose(features.flat());
    const sums = new Map(ofParameters);
    parts.forEach((part, index) => {
      for (const [id, gradient] of this.through(part, index, seed + index * seedStride, ofCompared)) {
        const before = sums.get(id);
        sums.set(id, before === undefined ? gradient : add(before, gradient));
        if (before !== undefined) dispose([before, gradient]);
      }
    });
    dispose([...ofCompared.values()]);
    return { loss, gradients: inOrder(this.setup.trained, sums) };
  }

  /** Batch data of one micro-batch. */
  private part(inputs: InputData, part: number): InputData {
    return Object.fromEntries(
      Object.entries(inputs).map(([name, data]) => {
        const length = data.length / this.count;
        return [name, data.subarray(part * length, (part + 1) * length)];
      }),
    );
  }

  private featuresOf(inputs: InputData, seed: number): Tensor[] {
    const run = new GraphRun(this.features, inputs, parametersOf(this.setup), seed, this.setup.afterStep);
    try {
      run.forward();
      return this.loss.compared.map((id) => run.tensor(id).clone());
    } finally {
      run.dispose();
    }
  }

  /** The loss over all samples, and its gradients in what it compares and in parameters. */
  private lossOf(
    inputs: InputData,
    features: readonly (readonly Tensor[])[],
  ): { loss: Tensor; ofCompared: Map<ValueId, Tensor>; ofParameters: Map<ValueId, Tensor> } {
    const { setup } = this;
    const { node, compared } = this.loss;
    const { values, parameters } = setup.program.graph;
    const wanted = setup.program.backward.find((step) => step.node === node)?.gradients ?? new Set<ValueId>();
    const ids: ValueId[] = [];
    const [loss, ...gradients] = tidy(() => {
      const whole = new Map(compared.map((id, place) => [id, concat(features.flatMap((part) => part[place] ?? []))]));
      const stored = parametersOf(setup);
      const context: RunContext = {
        seed: null,
        input: (id) => inputs[values[id]?.name ?? ''] ?? new Int32Array(),
        tensor: (id) => whole.get(id) ?? stored.read(id),
        shape: (id) => whole.get(id)?.shape ?? values[id]?.shape ?? [],
        write: (id, value) => stored.write(id, value),
      };
      const rule = ruleOf(setup.rules, node);
      const { y, saved } = rule.forward(node, context, true);
      const all = rule.backward(node, scalar(1), saved, wanted, context);
      ids.push(...all.map(([id]) => id));
      return [y, ...all.map(([, gradient]) => gradient)];
    });
    setup.afterStep();
    if (loss === undefined) throw new Error('The loss computed nothing.');
    const byId = ids.flatMap((id, at) => {
      const gradient = gradients[at];
      return gradient === undefined ? [] : [[id, gradient] as const];
    });
    const isParameter = new Set(parameters.map(({ value }) => value));
    return {
      loss,
      ofCompared: new Map(byId.filter(([id]) => !isParameter.has(id))),
      ofParameters: new Map(byId.filter(([id]) => isParameter.has(id))),
    };
  }

  /** Gradients of the parameters through one micro-batch. */
  private through(
    inputs: InputData,
    part: number,
    seed: number,
    ofCompared: ReadonlyMap<ValueId, Tensor>,
  ): Map<ValueId, Tensor> {
    const { program, afterStep } = this.setup;
    const run = new GraphRun(this.plan, inputs, parametersOf(this.setup), seed, afterStep);
    const rows = (gradient: Tensor): Tensor => {
      const [count = 0, ...rest] = gradient.shape;
      const size = count / this.count;
      return slice(gradient, [part * size, ...rest.map(() => 0)], [size, ...rest]);
    };
    const seeds = new Map([...ofCompared].map(([id, gradient]) => [id, rows(gradient)]));
    try {
      run.forward();
      return run.backward(seeds, program.trainable);
    } finally {
      run.dispose();
    }
  }
}

function parametersOf({ program, store }: Setup): GraphParameters {
  return storedParameters(program.graph, store);
}

function inOrder(trained: readonly ParameterSpec[], byId: ReadonlyMap<ValueId, Tensor>): Tensor[] {
  return trained.map(({ value, parts }) => {
    const gradient = byId.get(value);
    if (gradient === undefined) throw new Error(`The loss does not depend on ${parts[0]?.name ?? 'a parameter'}.`);
    return gradient;
  });
}
