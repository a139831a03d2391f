import type { Head } from './linear-head';

/** Share of the mean variance of what the head reads that is added to each direction: few pictures must not decide about all of them. */
const ridge = 0.05;

/**
 * The head whose logits come nearest to given ones on some pictures: ridge regression, with a bias that is not held back. The classifiers of
 * Transformers read the mean of the patches before any projection, where the model's features of words mean nothing; so what the model makes of
 * the classes in words is carried over through the pictures.
 *
 * @param x what the head reads, `[pictures, width]`
 * @param logits of each picture, `[pictures, classes]`; only differences between classes count, so that their mean is taken out
 */
export function fitHead(x: Float32Array, logits: Float32Array, width: number, classes: number): Head {
  const pictures = x.length / width;
  const meanX = columnMeans(x, width);
  const centred = new Float64Array(logits.length);
  for (let picture = 0; picture < pictures; picture++) {
    let mean = 0;
    for (let label = 0; label < classes; label++) mean += logits[picture * classes + label]! / classes;
    for (let label = 0; label < classes; label++) {
      centred[picture * classes + label] = logits[picture * classes + label]! - mean;
    }
  }
  const meanY = columnMeans(centred, classes);
  const gram = new Float64Array(width * width);
  const right = new Float64Array(width * classes);
  const row = new Float64Array(width);
  for (let picture = 0; picture < pictures; picture++) {
    for (let k = 0; k < width; k++) row[k] = x[picture * width + k]! - meanX[k]!;
    for (let i = 0; i < width; i++) {
      const value = row[i]!;
      for (let j = 0; j <= i; j++) gram[i * width + j]! += value * row[j]!;
      for (let label = 0; label < classes; label++) {
        right[i * classes + label]! += value * (centred[picture * classes + label]! - meanY[label]!);
      }
    }
  }
  let trace = 0;
  for (let i = 0; i < width; i++) trace += gram[i * width + i]!;
  // Never zero, so that pictures that are all alike give a head that says nothing.
  const held = (ridge * trace) / width + 1e-9;
  for (let i = 0; i < width; i++) gram[i * width + i]! += held;
  const solved = solve(gram, right, width, classes);
  const weight = new Float32Array(classes * width);
  const bias = new Float32Array(classes);
  for (let label = 0; label < classes; label++) {
    let offset = meanY[label]!;
    for (let k = 0; k < width; k++) {
      const value = solved[k * classes + label]!;
      weight[label * width + k] = value;
      offset -= value * meanX[k]!;
    }
    bias[label] = offset;
  }
  return { weight, bias };
}

function columnMeans(values: Float32Array | Float64Array, columns: number): Float64Array {
  const rows = values.length / columns;
  const means = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) means[i % columns]! += values[i]! / rows;
  return means;
}

/** Solves A·X = B by Cholesky's factors. A `[n, n]`, symmetric and positive, is given by its lower triangle and overwritten; B is `[n, columns]`. */
function solve(a: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < columns; c++) {
      let sum = x[i * columns + c]!;
      for (let k = 0; k < i; k++) sum -= a[i * n + k]! * x[k * columns + c]!;
      x[i * columns + c] = sum / a[i * n + i]!;
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) {
      let sum = x[i * columns + c]!;
      for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * x[k * columns + c]!;
      x[i * columns + c] = sum / a[i * n + i]!;
    }
  }
  return x;
}
