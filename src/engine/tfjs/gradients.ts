import { add, concat, dispose, scalar, slice, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type InputData, type TrainerOptions } from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import type { ContrastiveLossNode, ParameterSpec, ValueId } from '../graph/ir';
import type { OpRules, RunContext } from './rule';
import { GraphRun } from './run';
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
    const run = new GraphRun(this.plan, inputs, parameterReader(this.setup), seed, afterStep);
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
const SEED_STRIDE = 0x9e3779b1;

/**
 * Gradients of one contrastive loss over all micro-batches, exact (Gao et al. 2021, arXiv 2101.06983): the features of each, then the loss and
 * its gradient in all features, then forward and backward through each micro-batch from the gradients of its features.
 */
class MicroBatches implements GradientComputation {
  private readonly count: number;
  private readonly loss: ContrastiveLossNode;
  private readonly features: Schedule;
  private readonly plan: Schedule;

  constructor(private readonly setup: Setup) {
    const { program, rules, options } = setup;
    this.count = options.microBatches ?? 1;
    const { graph } = program;
    const loss = graph.nodes.find(({ y }) => y === program.loss);
    if (loss?.op !== 'contrastiveLoss') {
      throw new EngineError('validation', 'Only a contrastive loss can be computed over several micro-batches.');
    }
    this.loss = loss;
    const nodes = graph.nodes.filter((node) => node !== loss);
    const towers = { ...graph, nodes, outputs: { image: loss.image, text: loss.text } };
    const backward = program.backward.filter(({ node }) => node !== loss);
    this.features = schedule(towers, rules);
    this.plan = schedule(towers, rules, backward, options.checkpointing);
  }

  compute(inputs: InputData, seed: number): LossAndGradients {
    const parts = Array.from({ length: this.count }, (_, part) => this.part(inputs, part));
    const features = parts.map((part, index) => this.featuresOf(part, seed + index * SEED_STRIDE));
    const { loss, dImage, dText, dLogitScale } = this.lossOf(inputs, features);
    dispose(features.flatMap(({ image, text }) => [image, text]));
    const sums = new Map<ValueId, Tensor>(dLogitScale === undefined ? [] : [[this.loss.logitScale, dLogitScale]]);
    parts.forEach((part, index) => {
      for (const [id, gradient] of this.through(part, index, seed + index * SEED_STRIDE, dImage, dText)) {
        const before = sums.get(id);
        sums.set(id, before === undefined ? gradient : add(before, gradient));
        if (before !== undefined) dispose([before, gradient]);
      }
    });
    dispose([dImage, dText].filter((gradient) => gradient !== undefined));
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

  private featuresOf(inputs: InputData, seed: number): { image: Tensor; text: Tensor } {
    const run = new GraphRun(this.features, inputs, parameterReader(this.setup), seed, this.setup.afterStep);
    try {
      run.forward();
      return { image: run.tensor(this.loss.image).clone(), text: run.tensor(this.loss.text).clone() };
    } finally {
      run.dispose();
    }
  }

  private lossOf(inputs: InputData, features: readonly { readonly image: Tensor; readonly text: Tensor }[]) {
    const { loss: node, setup } = this;
    const { values } = setup.program.graph;
    const wanted = setup.program.backward.find((step) => step.node === node)?.gradients ?? new Set<ValueId>();
    const data = (id: ValueId) => inputs[values[id]?.name ?? ''] ?? new Int32Array();
    const kept = tidy(() => {
      const image = concat(features.map((part) => part.image));
      const text = concat(features.map((part) => part.text));
      const parameter = parameterReader(setup);
      const context: RunContext = {
        seed: null,
        input: data,
        tensor: (id) => (id === node.image ? image : id === node.text ? text : parameter(id)),
        shape: (id) => (id === node.image || id === node.text ? image.shape : (values[id]?.shape ?? [])),
      };
      const rule = setup.rules.contrastiveLoss;
      const { y, saved } = rule.forward(node, context, true);
      const gradients = new Map(rule.backward(node, scalar(1), saved, wanted, context));
      const [dImage, dText, dLogitScale] = [node.image, node.text, node.logitScale].map((id) => gradients.get(id));
      return { loss: y, dImage, dText, dLogitScale };
    });
    setup.afterStep();
    return kept;
  }

  /** Gradients of the parameters through one micro-batch. */
  private through(
    inputs: InputData,
    part: number,
    seed: number,
    dImage: Tensor | undefined,
    dText: Tensor | undefined,
  ): Map<ValueId, Tensor> {
    const { program, afterStep } = this.setup;
    const run = new GraphRun(this.plan, inputs, parameterReader(this.setup), seed, afterStep);
    const rows = (gradient: Tensor): Tensor => {
      const size = (gradient.shape[0] ?? 0) / this.count;
      return slice(gradient, [part * size, 0], [size, -1]);
    };
    const seeds = new Map<ValueId, Tensor>();
    if (dImage !== undefined) seeds.set(this.loss.image, rows(dImage));
    if (dText !== undefined) seeds.set(this.loss.text, rows(dText));
    try {
      run.forward();
      return run.backward(seeds, program.trainable);
    } finally {
      run.dispose();
    }
  }
}

function parameterReader({ program, store }: Setup): (id: ValueId) => Tensor {
  const parts = new Map(program.graph.parameters.map((spec) => [spec.value, spec.parts]));
  return (id) => store.tensor(parts.get(id) ?? []);
}

function inOrder(trained: readonly ParameterSpec[], byId: ReadonlyMap<ValueId, Tensor>): Tensor[] {
  return trained.map(({ value, parts }) => {
    const gradient = byId.get(value);
    if (gradient === undefined) throw new Error(`The loss does not depend on ${parts[0]?.name ?? 'a parameter'}.`);
    return gradient;
  });
}
