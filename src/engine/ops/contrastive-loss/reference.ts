import { at } from '../../reference/at';

/**
 * The contrastive loss as it is defined, in float64: what its kernels are held against by the self-test on the user's adapter. It shares no code
 * with them.
 */

export interface ContrastiveLossInputs {
  readonly batch: number;
  readonly width: number;
  readonly image: ArrayLike<number>;
  readonly text: ArrayLike<number>;
  /** Natural log of the scale. */
  readonly logitScale: number;
  readonly imageKeys: ArrayLike<number>;
  readonly textKeys: ArrayLike<number>;
  readonly labelSmoothing: number;
}

export interface ContrastiveLossResult {
  readonly loss: number;
  readonly dLogitScale: number;
  readonly dImage: Float64Array;
  readonly dText: Float64Array;
}

/** The symmetric contrastive loss of `ContrastiveLossNode` in float64, with its gradients. */
export function contrastiveLossReference(inputs: ContrastiveLossInputs): ContrastiveLossResult {
  const { batch, width, image, text, imageKeys, textKeys, labelSmoothing } = inputs;
  const scale = Math.exp(inputs.logitScale);
  const isSample = (i: number): boolean => at(imageKeys, i) >= 0;
  const counts = (i: number, j: number): boolean =>
    isSample(i) &&
    isSample(j) &&
    (i === j || (at(imageKeys, i) !== at(imageKeys, j) && at(textKeys, i) !== at(textKeys, j)));
  const similarity = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += at(image, i * width + k) * at(text, j * width + k);
    return sum;
  };
  const indices = Array.from({ length: batch }, (_, i) => i);
  const logits = indices.map((i) => indices.map((j) => scale * similarity(i, j)));
  const logit = (i: number, j: number): number => logits[i]?.[j] ?? NaN;
  const samples = Math.max(1, indices.filter(isSample).length);
  let loss = 0;
  let dLogitScale = 0;
  const dImage = new Float64Array(batch * width);
  const dText = new Float64Array(batch * width);
  for (const i of indices.filter(isSample)) {
    const others = indices.filter((j) => counts(i, j));
    for (const side of ['row', 'column'] as const) {
      const z = (j: number): number => (side === 'row' ? logit(i, j) : logit(j, i));
      const peak = Math.max(...others.map(z));
      const total = others.reduce((sum, j) => sum + Math.exp(z(j) - peak), 0);
      for (const j of others) {
        const log = z(j) - peak - Math.log(total);
        const target = (i === j ? 1 - labelSmoothing : 0) + labelSmoothing / others.length;
        loss -= (target * log) / (2 * samples);
        const pull = (Math.exp(log) - target) / (2 * samples);
        dLogitScale += pull * z(j);
        const [row, column] = side === 'row' ? [i, j] : [j, i];
        for (let k = 0; k < width; k++) {
          dImage[row * width + k] = at(dImage, row * width + k) + pull * scale * at(text, column * width + k);
          dText[column * width + k] = at(dText, column * width + k) + pull * scale * at(image, row * width + k);
        }
      }
    }
  }
  return { loss, dLogitScale, dImage, dText };
}
