import { at } from '../../reference/at';

export interface LayerNormInputs {
  readonly rows: number;
  readonly columns: number;
  readonly epsilon: number;
  readonly x: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** Layer normalisation in float64, with its gradients for the output gradient dy. */
export function layerNormReference(
  { rows, columns, epsilon, x, weight, bias }: LayerNormInputs,
  dy: ArrayLike<number>,
): Readonly<Record<'y' | 'dx' | 'dWeight' | 'dBias', Float64Array>> {
  const y = new Float64Array(rows * columns);
  const dx = new Float64Array(rows * columns);
  const dWeight = new Float64Array(columns);
  const dBias = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const base = row * columns;
    let mean = 0;
    for (let i = 0; i < columns; i++) mean += at(x, base + i) / columns;
    let variance = 0;
    for (let i = 0; i < columns; i++) variance += (at(x, base + i) - mean) ** 2 / columns;
    const rstd = 1 / Math.sqrt(variance + epsilon);
    let direct = 0;
    let along = 0;
    for (let i = 0; i < columns; i++) {
      const normal = (at(x, base + i) - mean) * rstd;
      const g = at(dy, base + i);
      y[base + i] = normal * at(weight, i) + at(bias, i);
      dWeight[i] = at(dWeight, i) + g * normal;
      dBias[i] = at(dBias, i) + g;
      direct += (g * at(weight, i)) / columns;
      along += (g * at(weight, i) * normal) / columns;
    }
    for (let i = 0; i < columns; i++) {
      const normal = (at(x, base + i) - mean) * rstd;
      dx[base + i] = rstd * (at(dy, base + i) * at(weight, i) - direct - normal * along);
    }
  }
  return { y, dx, dWeight, dBias };
}
