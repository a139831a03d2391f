import type { BackwardStep, TrainingProgram } from '../graph/differentiate';
import { nodeInputs, type GraphNode, type LinearNode, type ValueId } from '../graph/ir';
import { attentionBackward } from '../kernels/attention';
import { contrastiveBackward, contrastivePairGradients } from '../kernels/contrastive-loss';
import { copyElements } from '../kernels/elementwise';
import { imageTokensBackward, type GradientMode } from '../kernels/image-tokens';
import { layerNormBackwardInput, layerNormBackwardParameters, layerNormSlices } from '../kernels/layer-norm';
import { activationBackward, linearBackwardInput, linearBackwardWeight } from '../kernels/linear';
import { normalizeBackward } from '../kernels/normalize';
import { poolBackward } from '../kernels/pool';
import { positionsBackward, tokenEmbeddingBackwardTable, tokenLinks } from '../kernels/token-embedding';
import { attentionDropout, attentionExtras, type Lowering, type Saved } from './lowering';
import type { Operand } from './plan';

type StepOf<Op extends GraphNode['op']> = BackwardStep & { readonly node: GraphNode & { readonly op: Op } };

/** Partial sums `[slices, stride]`, of which some columns are parts of gradients. */
export interface PartialGradients {
  readonly slices: number;
  readonly stride: number;
  readonly into: readonly {
    readonly parameter: ValueId;
    /** First column. */
    readonly start: number;
    readonly count: number;
    readonly accumulate: boolean;
  }[];
}

/** Where gradients of parameters go. */
export interface GradientSinks {
  parameter(id: ValueId): Operand;
  /** Room for partial sums, which are added up into the parameters' gradients at the end of backward. */
  partialSums(sums: PartialGradients): Operand;
  /** Has the gradient of this parameter zeroed before each step. */
  clear(id: ValueId): void;
}

/** Records the backward pass of a program whose forward pass has been lowered. */
export class BackwardLowering {
  private readonly gradients = new Map<ValueId, Operand>();
  /** Values whose gradient was multiplied by the derivative of their activation where it was computed. */
  private readonly folded = new Set<ValueId>();
  private readonly producers: ReadonlyMap<ValueId, GraphNode>;
  private readonly consumers = new Map<ValueId, number>();
  private readonly parameters: ReadonlySet<ValueId>;

  constructor(
    private readonly lowering: Lowering,
    program: TrainingProgram,
    private readonly sinks: GradientSinks,
  ) {
    this.producers = new Map(program.graph.nodes.map((node) => [node.y, node]));
    this.parameters = new Set(program.graph.parameters.map(({ value }) => value));
    for (const node of program.graph.nodes) {
      for (const id of nodeInputs(node)) this.consumers.set(id, (this.consumers.get(id) ?? 0) + 1);
    }
  }

  /** Says where the gradient of a value already lies. */
  seed(id: ValueId, gradient: Operand): void {
    this.gradients.set(id, gradient);
  }

  lower(step: BackwardStep): void {
    switch (step.node.op) {
      case 'linear':
        return this.linear(step as StepOf<'linear'>);
      case 'layerNorm':
        return this.layerNorm(step as StepOf<'layerNorm'>);
      case 'attention':
        return this.attention(step as StepOf<'attention'>);
      case 'tokenEmbedding':
        return this.tokenEmbedding(step as StepOf<'tokenEmbedding'>);
      case 'patchify':
        return;
      case 'imageTokens':
        return this.imageTokens(step as StepOf<'imageTokens'>);
      case 'pool':
        return this.pool(step as StepOf<'pool'>);
      case 'normalize':
        return this.normalize(step as StepOf<'normalize'>);
      case 'contrastiveLoss':
        return this.contrastiveLoss(step as StepOf<'contrastiveLoss'>);
      default:
        return step.node satisfies never;
    }
  }

  /** Where the gradient of a value lies; activations get memory when first asked for. */
  private gradient(id: ValueId): Operand {
    if (this.parameters.has(id)) return this.sinks.parameter(id);
    const existing = this.gradients.get(id);
    if (existing !== undefined) return existing;
    const operand = this.lowering.scratch(this.lowering.count(id), this.lowering.storage(id));
    this.gradients.set(id, operand);
    return operand;
  }

  private saved<Op extends Saved['op']>(node: GraphNode, op: Op): Saved & { readonly op: Op } {
    const saved = this.lowering.saved.get(node);
    if (saved?.op !== op) throw new Error(`Forward saved nothing for the gradient of ${op}.`);
    return saved as Saved & { readonly op: Op };
  }

  /**
   * Calls `write` with an operand that is overwritten with the gradient of `id`, and adds it to earlier contributions where the kernel cannot.
   */
  private overwriting(step: BackwardStep, id: ValueId, write: (target: Operand) => void): void {
    if (!step.accumulate.has(id)) return write(this.gradient(id));
    const scratch = this.lowering.scratch(this.lowering.count(id), this.lowering.storage(id));
    write(scratch);
    this.add(id, scratch, true);
  }

  private add(id: ValueId, source: Operand, accumulate: boolean): void {
    this.lowering.builder.dispatch(copyElements(this.lowering.count(id), { accumulate }), [source, this.gradient(id)]);
  }

  private linear(step: StepOf<'linear'>): void {
    const { lowering } = this;
    const { builder } = lowering;
    const { node, gradients, accumulate } = step;
    const { x, weight, bias, residual } = node;
    const shape = lowering.linearShape(x, weight);
    const dy = this.gradient(node.y);
    const needsProduct = gradients.has(x) || gradients.has(weight) || (bias !== null && gradients.has(bias));
    let dz = dy;
    if (needsProduct && node.activation !== 'none' && !this.folded.has(node.y)) {
      dz = lowering.scratch(shape.rows * shape.columns, lowering.storage(node.y));
      builder.dispatch(activationBackward(shape.rows * shape.columns), [dy, this.saved(node, 'linear').derivative, dz]);
    }
    this.linearParameters(step, dz);
    if (gradients.has(x)) {
      const derivative = this.foldsInto(node);
      const kernel = linearBackwardInput(
        shape,
        { accumulate: accumulate.has(x), derivative: derivative !== null },
        lowering.variant('input', shape),
      );
      const extra = derivative === null ? [] : [derivative];
      builder.dispatch(kernel, [dz, lowering.operand(weight), ...extra, this.gradient(x)]);
      if (derivative !== null) this.folded.add(x);
    }
    if (residual !== null && gradients.has(residual)) {
      // Nothing reads dy any more (see `differentiate`), so the residual's gradient can take over its memory.
      if (residual === x || accumulate.has(residual)) this.add(residual, dy, true);
      else if (this.parameters.has(residual)) this.add(residual, dy, false);
      else this.gradients.set(residual, dy);
    }
  }

  private linearParameters({ node, gradients, accumulate }: StepOf<'linear'>, dz: Operand): void {
    const { lowering } = this;
    const { builder } = lowering;
    const { x, weight, bias } = node;
    const shape = lowering.linearShape(x, weight);
    const wantsBias = bias !== null && gradients.has(bias);
    const together = wantsBias && gradients.has(weight) && accumulate.has(bias) === accumulate.has(weight);
    if (gradients.has(weight)) {
      const kernel = linearBackwardWeight(
        shape,
        { bias: together, accumulate: accumulate.has(weight) },
        lowering.variant('weight', shape),
      );
      const extra = together ? [this.gradient(bias)] : [];
      builder.dispatch(kernel, [dz, lowering.operand(x), this.gradient(weight), ...extra]);
    }
    if (wantsBias && !together) {
      const sums = positionsBackward(
        { batch: shape.rows, tokens: 1, width: shape.columns },
        { accumulate: accumulate.has(bias) },
      );
      builder.dispatch(sums, [dz, this.gradient(bias)]);
    }
  }

  /** The saved derivative that the gradient of `node.x` can be multiplied by on its way: x is activated and only this node reads it. */
  private foldsInto({ x }: LinearNode): Operand | null {
    const producer = this.producers.get(x);
    if (producer?.op !== 'linear' || producer.activation === 'none' || producer.residual !== null) return null;
    const saved = this.lowering.saved.get(producer);
    return saved?.op === 'linear' && this.consumers.get(x) === 1 ? saved.derivative : null;
  }

  private layerNorm({ node, gradients, accumulate }: StepOf<'layerNorm'>): void {
    const { lowering, sinks } = this;
    const { builder } = lowering;
    const { target } = lowering.choice;
    const [rows, columns] = lowering.matrix(node.x);
    const shape = { rows, columns };
    const { statistics } = this.saved(node, 'layerNorm');
    const dy = this.gradient(node.y);
    const x = lowering.operand(node.x);
    const parameters = [node.weight, node.bias];
    if (parameters.some((id) => gradients.has(id))) {
      const slices = layerNormSlices(shape, target);
      const into = parameters.flatMap((parameter, index) =>
        gradients.has(parameter)
          ? [{ parameter, start: index * columns, count: columns, accumulate: accumulate.has(parameter) }]
          : [],
      );
      const partials = sinks.partialSums({ slices, stride: 2 * columns, into });
      builder.dispatch(layerNormBackwardParameters(shape, { slices }), [x, statistics, dy, partials]);
    }
    if (gradients.has(node.x)) {
      const kernel = layerNormBackwardInput(shape, { accumulate: accumulate.has(node.x), target });
      builder.dispatch(kernel, [x, lowering.operand(node.weight), statistics, dy, this.gradient(node.x)]);
    }
  }

  private attention(step: StepOf<'attention'>): void {
    const { lowering } = this;
    const { node } = step;
    const at = lowering.operand.bind(lowering);
    const { logSumExp } = this.saved(node, 'attention');
    const dy = this.gradient(node.y);
    const extras = attentionExtras(lowering, node);
    const delta = lowering.scratch(node.batch * node.heads * node.tokens);
    const options = {
      causal: node.causal,
      lengths: node.lengths !== null,
      dropout: attentionDropout(lowering, node),
      salt: lowering.salt(node),
    };
    const [query, keyValue] = attentionBackward(node, options, lowering.attentionVariant(node));
    this.overwriting(step, node.qkv, (target) => {
      lowering.builder.dispatch(query, [at(node.qkv), at(node.y), dy, logSumExp, ...extras, target, delta]);
      lowering.builder.dispatch(keyValue, [at(node.qkv), dy, logSumExp, delta, ...extras, target]);
    });
  }

  private tokenEmbedding({ node, gradients, accumulate }: StepOf<'tokenEmbedding'>): void {
    const { lowering } = this;
    const { builder } = lowering;
    const [batch, tokens] = lowering.matrix(node.ids);
    const [vocabulary, width] = lowering.matrix(node.table);
    const shape = { batch, tokens, width, vocabulary };
    const dy = this.gradient(node.y);
    if (gradients.has(node.table)) {
      const ids = lowering.operand(node.ids);
      const links = lowering.scratch(2 * batch * tokens);
      const add = accumulate.has(node.table);
      if (!add) this.sinks.clear(node.table);
      builder.dispatch(tokenLinks(shape), [ids, links]);
      const kernel = tokenEmbeddingBackwardTable(shape, { accumulate: add });
      builder.dispatch(kernel, [ids, links, dy, this.gradient(node.table)]);
    }
    if (gradients.has(node.positions)) {
      const kernel = positionsBackward(shape, { accumulate: accumulate.has(node.positions) });
      builder.dispatch(kernel, [dy, this.gradient(node.positions)]);
    }
  }

  private imageTokens({ node, gradients, accumulate }: StepOf<'imageTokens'>): void {
    const { lowering } = this;
    const [rows, width] = lowering.matrix(node.patches);
    const mode = (id: ValueId): GradientMode => (!gradients.has(id) ? 'none' : accumulate.has(id) ? 'add' : 'write');
    const kernel = imageTokensBackward(
      { batch: node.batch, patches: rows / node.batch, width },
      { patches: mode(node.patches), classEmbedding: mode(node.classEmbedding), positions: mode(node.positions) },
    );
    const wanted = [node.patches, node.classEmbedding, node.positions].filter((id) => gradients.has(id));
    lowering.builder.dispatch(kernel, [this.gradient(node.y), ...wanted.map((id) => this.gradient(id))]);
  }

  private pool({ node, accumulate }: StepOf<'pool'>): void {
    const { lowering } = this;
    const [, width] = lowering.matrix(node.x);
    const kernel = poolBackward(
      { batch: node.batch, tokens: node.tokens, width, indexed: node.index !== null },
      { accumulate: accumulate.has(node.x) },
    );
    const index = node.index === null ? [] : [lowering.operand(node.index)];
    lowering.builder.dispatch(kernel, [this.gradient(node.y), this.gradient(node.x), ...index]);
  }

  private normalize({ node, accumulate }: StepOf<'normalize'>): void {
    const { lowering } = this;
    const [rows, columns] = lowering.matrix(node.x);
    const kernel = normalizeBackward(
      { rows, columns },
      { accumulate: accumulate.has(node.x), target: lowering.choice.target },
    );
    lowering.builder.dispatch(kernel, [lowering.operand(node.x), this.gradient(node.y), this.gradient(node.x)]);
  }

  private contrastiveLoss(step: StepOf<'contrastiveLoss'>): void {
    const { lowering } = this;
    const { node, gradients, accumulate } = step;
    const at = lowering.operand.bind(lowering);
    const [batch, width] = lowering.matrix(node.image);
    const { similarities, statistics } = this.saved(node, 'contrastiveLoss');
    const scale = node.logitScale;
    const logitScale: GradientMode = !gradients.has(scale) ? 'none' : accumulate.has(scale) ? 'add' : 'write';
    const pairs = contrastivePairGradients({ batch, width }, { labelSmoothing: node.labelSmoothing });
    const keys = [at(node.imageKeys), at(node.textKeys)];
    lowering.builder.dispatch(pairs, [similarities, at(scale), ...keys, statistics, at(node.y)]);
    // The next kernel writes both features' gradients; where one tower is frozen, its half goes nowhere.
    const target = (id: ValueId): Operand =>
      gradients.has(id) && !accumulate.has(id) ? this.gradient(id) : lowering.scratch(batch * width);
    const image = target(node.image);
    const text = target(node.text);
    const extra = logitScale === 'none' ? [] : [at(node.y), this.gradient(scale)];
    const kernel = contrastiveBackward({ batch, width }, { logitScale });
    lowering.builder.dispatch(kernel, [similarities, at(node.image), at(node.text), image, text, ...extra]);
    if (accumulate.has(node.image)) this.add(node.image, image, true);
    if (accumulate.has(node.text)) this.add(node.text, text, true);
  }
}
