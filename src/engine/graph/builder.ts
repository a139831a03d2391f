import {
  elementCount,
  nodeInputs,
  type Activation,
  type DType,
  type Graph,
  type GraphNode,
  type ParameterPart,
  type ParameterSpec,
  type PixelNormalization,
  type Value,
  type ValueId,
  type ValueKind,
} from './ir';
import { viewLength } from '../view';

/** Builds a graph node by node, inferring and checking shapes. A mismatch throws at once, with the names of the values involved. */
export class GraphBuilder {
  private readonly values: Value[] = [];
  private readonly nodes: GraphNode[] = [];
  private readonly parameters: ParameterSpec[] = [];
  private readonly parameterByName = new Map<string, ValueId>();
  private readonly inputByName = new Map<string, ValueId>();

  shape(id: ValueId): readonly number[] {
    const value = this.values[id];
    if (value === undefined) throw new Error(`The graph has no value ${String(id)}.`);
    return value.shape;
  }

  /** Data passed under `name` at every run. Asking twice for one name gives the same value. */
  input(name: string, dtype: DType, shape: readonly number[]): ValueId {
    const existing = this.inputByName.get(name);
    if (existing !== undefined) return existing;
    const id = this.value('input', dtype, shape, name);
    this.inputByName.set(name, id);
    return id;
  }

  /** One or several checkpoint tensors as a parameter of the given shape; asking twice gives the same value. */
  parameter(shape: readonly number[], ...parts: readonly ParameterPart[]): ValueId {
    const name = parts.map((part) => part.name).join(' | ');
    const existing = this.parameterByName.get(name);
    if (existing !== undefined) return existing;
    const held = parts.reduce((sum, part) => sum + elementCount(part.shape), 0);
    this.expect(
      held === elementCount(shape),
      `parameter ${name} has ${String(held)} elements, its shape is [${shape.join(', ')}]`,
    );
    const id = this.value('parameter', 'f32', shape, name);
    this.parameters.push({ value: id, shape, parts });
    this.parameterByName.set(name, id);
    return id;
  }

  linear(
    x: ValueId,
    weight: ValueId,
    options: { bias?: ValueId | null; residual?: ValueId | null; activation?: Activation } = {},
  ): ValueId {
    const [rows, inner] = this.matrix(x);
    const [columns, weightInner] = this.matrix(weight);
    this.expect(inner === weightInner, `linear: x has ${String(inner)} columns, the weight ${String(weightInner)}`);
    const y = this.value('activation', 'f32', [rows, columns], 'linear');
    const { bias = null, residual = null, activation = 'none' } = options;
    if (bias !== null)
      this.expect(elementCount(this.shape(bias)) === columns, 'linear: the bias does not match the weight');
    if (residual !== null)
      this.expect(elementCount(this.shape(residual)) === rows * columns, 'linear: the residual does not match');
    return this.push({ op: 'linear', x, weight, bias, residual, activation, y });
  }

  layerNorm(x: ValueId, weight: ValueId, bias: ValueId, epsilon: number): ValueId {
    const [, columns] = this.matrix(x);
    this.expect(elementCount(this.shape(weight)) === columns, 'layerNorm: the weight does not match x');
    this.expect(elementCount(this.shape(bias)) === columns, 'layerNorm: the bias does not match x');
    const y = this.value('activation', 'f32', this.shape(x), 'layerNorm');
    return this.push({ op: 'layerNorm', x, weight, bias, epsilon, y });
  }

  attention(
    qkv: ValueId,
    options: { batch: number; heads: number; causal: boolean; lengths?: ValueId | null; dropout?: number },
  ): ValueId {
    const [rows, columns] = this.matrix(qkv);
    const { batch, heads, causal, lengths = null, dropout = 0 } = options;
    const width = columns / 3;
    this.expect(rows % batch === 0, 'attention: rows are no multiple of the batch');
    this.expect(Number.isInteger(width) && width % heads === 0, 'attention: the width is no multiple of the heads');
    const y = this.value('activation', 'f32', [rows, width], 'attention');
    return this.push({
      op: 'attention',
      qkv,
      batch,
      tokens: rows / batch,
      heads,
      headSize: width / heads,
      causal,
      lengths,
      dropout,
      y,
    });
  }

  tokenEmbedding(ids: ValueId, table: ValueId, positions: ValueId): ValueId {
    const [batch, tokens] = this.matrix(ids);
    const [, width] = this.matrix(table);
    const [places, positionWidth] = this.matrix(positions);
    this.expect(width === positionWidth && places >= tokens, 'tokenEmbedding: the positions do not match');
    const y = this.value('activation', 'f32', [batch * tokens, width], 'tokenEmbedding');
    return this.push({ op: 'tokenEmbedding', ids, table, positions, y });
  }

  patchify(
    pixels: ValueId,
    options: PixelNormalization & {
      patch: number;
      /** Packed views f32 `[batch, 8]` of the pictures, and the side at which they are drawn; absent: pictures are taken as they are. */
      drawn?: { readonly views: ValueId; readonly size: number } | undefined;
    },
  ): ValueId {
    const shape = this.shape(pixels);
    const [batch = 0, side = 0, height, channels] = shape;
    const { patch, mean, std, drawn } = options;
    const { views, size } = drawn ?? { views: null, size: side };
    this.expect(
      shape.length === 4 && height === side && channels === 3,
      'patchify: pixels must be [batch, side, side, 3]',
    );
    this.expect(size % patch === 0, `patchify: ${String(size)} pixels are no multiple of the patch`);
    if (views !== null) {
      const [count, length] = this.matrix(views);
      this.expect(count === batch && length === viewLength, 'patchify: views must be [batch, 8]');
    }
    const y = this.value('activation', 'f32', [batch * (size / patch) ** 2, 3 * patch * patch], 'patchify');
    return this.push({ op: 'patchify', pixels, views, size, patch, mean, std, y });
  }

  imageTokens(patches: ValueId, classEmbedding: ValueId, positions: ValueId, batch: number): ValueId {
    const [rows, width] = this.matrix(patches);
    const [places, positionWidth] = this.matrix(positions);
    this.expect(width === positionWidth && places === rows / batch + 1, 'imageTokens: the positions do not match');
    const y = this.value('activation', 'f32', [batch * places, width], 'imageTokens');
    return this.push({ op: 'imageTokens', patches, classEmbedding, positions, batch, y });
  }

  pool(x: ValueId, index: ValueId | null, batch: number): ValueId {
    const [rows, width] = this.matrix(x);
    this.expect(rows % batch === 0, 'pool: rows are no multiple of the batch');
    const y = this.value('activation', 'f32', [batch, width], 'pool');
    return this.push({ op: 'pool', x, index, batch, tokens: rows / batch, y });
  }

  normalize(x: ValueId): ValueId {
    this.matrix(x);
    const y = this.value('activation', 'f32', this.shape(x), 'normalize');
    return this.push({ op: 'normalize', x, y });
  }

  contrastiveLoss(
    image: ValueId,
    text: ValueId,
    logitScale: ValueId,
    options: { imageKeys: ValueId; textKeys: ValueId; labelSmoothing: number },
  ): ValueId {
    const [batch, width] = this.matrix(image);
    const [textBatch, textWidth] = this.matrix(text);
    this.expect(batch === textBatch && width === textWidth, 'contrastiveLoss: image and text features differ in shape');
    const y = this.value('activation', 'f32', [], 'loss');
    return this.push({ op: 'contrastiveLoss', image, text, logitScale, ...options, y });
  }

  /** The finished graph. Nodes that no output needs are left out, and so are their parameters. */
  build(outputs: Readonly<Record<string, ValueId>>): Graph {
    return pruneGraph({ values: this.values, nodes: this.nodes, parameters: this.parameters, outputs });
  }

  private value(kind: ValueKind, dtype: DType, shape: readonly number[], name: string): ValueId {
    const id = this.values.length;
    this.values.push({ id, kind, dtype, shape: [...shape], name });
    return id;
  }

  private push(node: GraphNode): ValueId {
    this.nodes.push(node);
    return node.y;
  }

  private matrix(id: ValueId): readonly [number, number] {
    const shape = this.shape(id);
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || columns === undefined) {
      throw new Error(
        `The graph expects a matrix, but ${this.values[id]?.name ?? 'a value'} is [${shape.join(', ')}].`,
      );
    }
    return [rows, columns];
  }

  private expect(condition: boolean, message: string): asserts condition {
    if (!condition) throw new Error(`The graph does not fit together: ${message}.`);
  }
}

/** Leaves out nodes and parameters that no output depends on. Value ids stay as they are. */
export function pruneGraph(graph: Graph): Graph {
  const needed = new Set<ValueId>(Object.values(graph.outputs));
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!needed.has(node.y)) continue;
    nodes.push(node);
    for (const id of nodeInputs(node)) needed.add(id);
  }
  return { ...graph, nodes: nodes.reverse(), parameters: graph.parameters.filter(({ value }) => needed.has(value)) };
}
