import type { GradientMode, Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/**
 * What losses over all pairs of a batch's pictures and captions have in common: which pairs count, the similarities, and the way back from the
 * pairs to the features.
 */

/** Features of pictures and captions, `[batch, width]` each. */
export interface PairShape {
  readonly batch: number;
  readonly width: number;
}

/** `is_sample(i)` and `is_counted(i, j)`: samples that are no padding, and pairs that the loss counts, as `ContrastiveLossNode` defines them. */
export const pairFunctions = /* wgsl */ `fn is_sample(i: u32) -> bool { return image_keys[i] >= 0; }

fn is_counted(i: u32, j: u32) -> bool {
  if (!is_sample(i) || !is_sample(j)) { return false; }
  return i == j || (image_keys[i] != image_keys[j] && text_keys[i] != text_keys[j]);
}`;

/**
 * `similarities[i, j] = image[i] · text[j]`, unscaled. Bindings: image, text, similarities `[batch, batch]`.
 */
export function pairSimilarities({ batch, width }: PairShape): Kernel {
  const { type, width: lanes, sum } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * batch,
    32,
    `  let i = index / ${batch}u;
  let j = index % ${batch}u;
  var total = ${type}();
  for (var k = 0u; k < ${length}u; k++) { total += image[i * ${length}u + k] * text[j * ${length}u + k]; }
  similarities[index] = ${sum('total')};`,
  );
  return makeKernel({
    label: `pairSimilarities ${batch}x${width}`,
    bindings: [
      ['image', 'read', `array<${type}>`],
      ['text', 'read', `array<${type}>`],
      ['similarities', 'read_write', 'array<f32>'],
    ],
    body: main,
    workgroups,
    flops: 2 * batch * batch * width,
    bytes: 4 * (2 * batch * width + batch * batch),
  });
}

/** What becomes of the gradients of the scalars that turn similarities into logits. */
export interface PairScalars {
  readonly logitScale: GradientMode;
  readonly logitBias: GradientMode;
}

/**
 * Gradients of the features, and of the scalars where wanted: one invocation owns one column vector of one sample. The loss's result holds the
 * gradient of the logit scale second, that of the bias third.
 *
 * Bindings: pairs (derivatives of the loss in the similarities), image, text, dImage, dText, and where those of scalars are wanted result,
 * dLogitScale, dLogitBias.
 */
export function pairBackward({ batch, width }: PairShape, { logitScale, logitBias }: PairScalars): Kernel {
  const scalars = [
    { name: 'd_logit_scale', mode: logitScale, from: 'y' },
    { name: 'd_logit_bias', mode: logitBias, from: 'z' },
  ].filter(({ mode }) => mode !== 'none');
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * length,
    32,
    `  let i = index / ${length}u;
  let column = index % ${length}u;
  var image_total = ${type}();
  var text_total = ${type}();
  for (var j = 0u; j < ${batch}u; j++) {
    image_total += pairs[i * ${batch}u + j] * text[j * ${length}u + column];
    text_total += pairs[j * ${batch}u + i] * image[j * ${length}u + column];
  }
  d_image[index] = image_total;
  d_text[index] = text_total;
  ${scalars.length === 0 ? '' : `if (index == 0u) { ${scalars.map(({ name, mode, from }) => `${name}[0] ${mode === 'add' ? '+=' : '='} result[0].${from};`).join(' ')} }`}`,
  );
  return makeKernel({
    label: `pairBackward ${batch}x${width} ${logitScale} ${logitBias}`,
    bindings: [
      ['pairs', 'read', 'array<f32>'],
      ['image', 'read', `array<${type}>`],
      ['text', 'read', `array<${type}>`],
      ['d_image', 'read_write', `array<${type}>`],
      ['d_text', 'read_write', `array<${type}>`],
      ...(scalars.length === 0 ? [] : [['result', 'read', 'array<vec4<f32>>'] as const]),
      ...scalars.map(({ name }) => [name, 'read_write', 'array<f32>'] as const),
    ],
    body: main,
    workgroups,
    flops: 4 * batch * batch * width,
    bytes: 4 * (batch * batch + 4 * batch * width),
  });
}
