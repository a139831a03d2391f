import type { ParameterPart } from '../../../engine/graph/ir';

/** The head's tensors as `CLIPForImageClassification` of Transformers names them, and the weights of the classes in the loss, which are no part of it. */
export const headWeight = 'classifier.weight';
export const headBias = 'classifier.bias';
export const classWeightsInput = 'class_weights';

/** A linear head: the logits of a picture are `weight · x + bias`. */
export interface Head {
  /** `[classes, width]`. */
  readonly weight: Float32Array;
  /** `[classes]`. */
  readonly bias: Float32Array;
}

export function headParts(classes: number, width: number): readonly [weight: ParameterPart, bias: ParameterPart] {
  return [
    { name: headWeight, shape: [classes, width] },
    { name: headBias, shape: [classes] },
  ];
}

/** The logits `[pictures, classes]` of what the head reads, `[pictures, width]`. */
export function headLogits({ weight, bias }: Head, x: Float32Array): Float32Array {
  const classes = bias.length;
  const width = weight.length / classes;
  const pictures = x.length / width;
  const logits = new Float32Array(pictures * classes);
  for (let picture = 0; picture < pictures; picture++) {
    for (let label = 0; label < classes; label++) {
      let sum = bias[label]!;
      for (let k = 0; k < width; k++) sum += x[picture * width + k]! * weight[label * width + k]!;
      logits[picture * classes + label] = sum;
    }
  }
  return logits;
}

/**
 * The logits of zero-shot classification (Radford et al. 2021, arXiv 2103.00020, section 3.1): scaled similarities of pictures and of the classes in
 * words.
 *
 * @param images L2-normalised `[pictures, width]`
 * @param prompts L2-normalised `[classes, width]`
 * @param logScale natural logarithm of the scale
 */
export function zeroShotLogits(
  images: Float32Array,
  prompts: Float32Array,
  width: number,
  logScale: number,
): Float32Array {
  const scale = Math.exp(logScale);
  const weight = prompts.map((value) => scale * value);
  return headLogits({ weight, bias: new Float32Array(prompts.length / width) }, images);
}

/** Weights of classes by which all of them count the same: pictures / (classes · pictures of the class), as scikit-learn's `balanced`. */
export function balancedWeights(targets: readonly number[], classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const target of targets) counts[target]!++;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : targets.length / (classes * count)));
}
