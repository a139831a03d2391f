/**
 * What attention says of which tokens a result was made of. Two ways, both after their authors' formulas:
 *
 * - rollout (Abnar & Zuidema 2020, arXiv 2005.00928): where information can have flowed, whatever is asked for
 * - gradient-weighted (Chefer, Gur & Wolf 2021, arXiv 2103.15679): of that, what raises one score
 *
 * Both multiply one matrix a layer. Only one row of the product is wanted, so that row is carried down through the layers: the square of the tokens
 * a layer instead of the cube.
 */

/** The attention of one layer to one sample. */
export interface AttentionShape {
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly headSize: number;
  /** Query i sees keys up to i only. */
  readonly causal: boolean;
}

/** Rows of which a head uses columns `column + head * headSize …`. */
export interface HeadRows {
  readonly data: Float32Array;
  /** Columns of the matrix. */
  readonly stride: number;
  readonly column: number;
}

/** A layer over all heads, `[queries, keys]`. */
export interface LayerMaps {
  /** The mean of the weights. */
  readonly mean: Float32Array;
  /** The mean of what of `weight · ∂score/∂weight` is positive; null where no score was asked for. */
  readonly weighted: Float32Array | null;
}

/** @param gradient `∂score/∂output` of the layer's attention, `[queries, heads * headSize]`; null without a score */
export function layerMaps(
  shape: AttentionShape,
  query: HeadRows,
  key: HeadRows,
  value: HeadRows,
  gradient: Float32Array | null,
): LayerMaps {
  const { heads, queries, keys, headSize, causal } = shape;
  const mean = new Float32Array(queries * keys);
  const weighted = gradient === null ? null : new Float32Array(queries * keys);
  const width = heads * headSize;
  const row = new Float64Array(keys);
  for (let head = 0; head < heads; head++) {
    const columns = head * headSize;
    for (let i = 0; i < queries; i++) {
      const seen = causal ? Math.min(keys, i + 1) : keys;
      const from = i * query.stride + query.column + columns;
      for (let j = 0; j < seen; j++) {
        row[j] = dot(query.data, from, key.data, j * key.stride + key.column + columns, headSize) * headSize ** -0.5;
      }
      softmax(row, seen);
      for (let j = 0; j < seen; j++) {
        const weight = row[j] ?? 0;
        const at = i * keys + j;
        mean[at] = (mean[at] ?? 0) + weight / heads;
        if (gradient === null || weighted === null) continue;
        const of = j * value.stride + value.column + columns;
        const slope = dot(gradient, i * width + columns, value.data, of, headSize);
        weighted[at] = (weighted[at] ?? 0) + Math.max(0, weight * slope) / heads;
      }
    }
  }
  return { mean, weighted };
}

function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += (a[fromA + at] ?? 0) * (b[fromB + at] ?? 0);
  return sum;
}

/** In place, over the first `length` entries. */
function softmax(row: Float64Array, length: number): void {
  let largest = -Infinity;
  for (let at = 0; at < length; at++) largest = Math.max(largest, row[at] ?? 0);
  let sum = 0;
  for (let at = 0; at < length; at++) sum += row[at] = Math.exp((row[at] ?? 0) - largest);
  for (let at = 0; at < length; at++) row[at] = (row[at] ?? 0) / sum;
}

/**
 * Rollout: each layer passes on half of a token and half of what it attends to.
 *
 * @param row how much of each token is read behind the last layer
 * @param layers the mean attention of each, from the input upwards, `[tokens, tokens]`
 */
export function rollout(row: Float32Array, layers: readonly Float32Array[]): Float32Array {
  return layers.reduceRight((read, layer) => {
    const passed = timesMatrix(read, layer);
    // Rows of attention sum to one, and so do those of the mixture.
    return passed.map((value, at) => 0.5 * value + 0.5 * (read[at] ?? 0));
  }, row);
}

/** Gradient-weighted relevance: each layer adds what it moved to what was there. Parameters as of `rollout`. */
export function relevance(row: Float32Array, layers: readonly Float32Array[]): Float32Array {
  return layers.reduceRight((read, layer) => {
    const moved = timesMatrix(read, layer);
    return moved.map((value, at) => value + (read[at] ?? 0));
  }, row);
}

/** `row [rows] · matrix [rows, columns]`. */
export function timesMatrix(row: Float32Array, matrix: Float32Array): Float32Array {
  const columns = matrix.length / row.length;
  const result = new Float32Array(columns);
  row.forEach((factor, at) => {
    if (factor === 0) return;
    for (let column = 0; column < columns; column++) {
      result[column] = (result[column] ?? 0) + factor * (matrix[at * columns + column] ?? 0);
    }
  });
  return result;
}
