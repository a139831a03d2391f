import type { PixelNormalization } from './node';
import type { Kernel } from '../../kernels/kernel';
import { f32, makeKernel, perThread } from '../../kernels/wgsl';

export interface PatchifyShape {
  readonly batch: number;
  /** Pixels along one side. */
  readonly size: number;
  /** Pixels along one side of a patch. */
  readonly patch: number;
}

/** WGSL of the constants `scale` and `shift` that normalise a pixel of 0…255. */
export function normalizationConstants({ mean, std }: PixelNormalization): string {
  const vector = (values: readonly number[]): string => `vec3<f32>(${values.map(f32).join(', ')})`;
  return `const scale = ${vector(std.map((value) => 1 / (255 * value)))};
const shift = ${vector(mean.map((value, channel) => -value / (std[channel] ?? 1)))};`;
}

/**
 * Cuts RGB bytes `[batch, size, size, 3]` into normalised patches `[batch * (size / patch)², 3 * patch²]`, each laid out channel, row, column.
 *
 * Bindings: pixels (bytes, four to a word), y. It has no gradient.
 */
export function patchify({ batch, size, patch }: PatchifyShape, options: PixelNormalization): Kernel {
  const side = size / patch;
  const elements = batch * side * side * 3 * patch * patch;
  const { main, workgroups } = perThread(
    elements,
    64,
    `  let column = index % ${patch}u;
  let row = (index / ${patch}u) % ${patch}u;
  let channel = (index / ${patch * patch}u) % 3u;
  let place = index / ${3 * patch * patch}u;
  let px = (place % ${side}u) * ${patch}u + column;
  let py = ((place / ${side}u) % ${side}u) * ${patch}u + row;
  let byte = ((place / ${side * side}u * ${size}u + py) * ${size}u + px) * 3u + channel;
  let value = f32((pixels[byte >> 2u] >> (8u * (byte & 3u))) & 255u);
  y[index] = value * scale[channel] + shift[channel];`,
  );
  return makeKernel({
    label: `patchify ${batch}x${size}/${patch} mean${options.mean.join()} std${options.std.join()}`,
    bindings: [
      ['pixels', 'read', 'array<u32>'],
      ['y', 'read_write', 'array<f32>'],
    ],
    body: `${normalizationConstants(options)}

${main}`,
    workgroups,
    flops: 2 * elements,
    bytes: 5 * elements,
  });
}
