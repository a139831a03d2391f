/** A linear head: the logits of a picture are `weight · x + bias`. */
export interface Head {
  /** `[classes, width]`. */
  readonly weight: Float32Array;
  /** `[classes]`. */
  readonly bias: Float32Array;
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
