import type { GradientMode, Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf, type Binding } from '../../kernels/wgsl';

/**
 * Kernels that make a sequence of tokens from the patches of each image, and the gradients. Patches keep their order; the class token, where
 * there is one, goes ahead of them. Sums over the batch have a fixed order.
 */

export interface ImageTokensShape {
  readonly batch: number;
  /** Patches of one image. */
  readonly patches: number;
  readonly width: number;
  /** Whether a class embedding goes ahead of the patches, so that the sequence has one token more. */
  readonly classToken: boolean;
}

/**
 * Per image the class embedding if any, then the patches, plus positions: y `[batch * tokens, width]`.
 *
 * Bindings: patches, classEmbedding if any, positions, y.
 */
export function imageTokensForward({ batch, patches, width, classToken }: ImageTokensShape): Kernel {
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const tokens = patches + (classToken ? 1 : 0);
  const { main, workgroups } = perThread(
    batch * tokens * length,
    64,
    classToken
      ? `  let column = index % ${length}u;
  let token = (index / ${length}u) % ${tokens}u;
  let image = index / ${tokens * length}u;
  var value = positions[token * ${length}u + column];
  if (token == 0u) {
    value += class_embedding[column];
  } else {
    value += patches[(image * ${patches}u + token - 1u) * ${length}u + column];
  }
  y[index] = value;`
      : `  y[index] = patches[index] + positions[index % ${tokens * length}u];`,
  );
  return makeKernel({
    label: `imageTokens ${batch}x${patches}x${width}${classToken ? ' class' : ''}`,
    bindings: [
      ['patches', 'read', `array<${type}>`],
      ...(classToken ? [['class_embedding', 'read', `array<${type}>`] as const] : []),
      ['positions', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: 12 * batch * tokens * width,
  });
}

/**
 * All gradients of `imageTokensForward` in one pass over dy: one invocation owns a token's column and walks through the batch.
 *
 * Bindings: dy, then those wanted of dPatches, dClass, dPositions.
 */
export function imageTokensBackward(
  { batch, patches, width, classToken }: ImageTokensShape,
  modes: { readonly patches: GradientMode; readonly classEmbedding: GradientMode; readonly positions: GradientMode },
): Kernel {
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const tokens = patches + (classToken ? 1 : 0);
  const assign = (mode: GradientMode): string => (mode === 'add' ? '+=' : '=');
  const patch = classToken
    ? `if (token > 0u) { d_patches[(image * ${patches}u + token - 1u) * ${length}u + column] ${assign(modes.patches)} g; }`
    : `d_patches[image * ${tokens * length}u + index] ${assign(modes.patches)} g;`;
  const bindings: Binding[] = [['dy', 'read', `array<${type}>`]];
  if (modes.patches !== 'none') bindings.push(['d_patches', 'read_write', `array<${type}>`]);
  if (modes.classEmbedding !== 'none') bindings.push(['d_class', 'read_write', `array<${type}>`]);
  if (modes.positions !== 'none') bindings.push(['d_positions', 'read_write', `array<${type}>`]);
  const { main, workgroups } = perThread(
    tokens * length,
    32,
    `  let column = index % ${length}u;
  let token = index / ${length}u;
  var total = ${type}();
  for (var image = 0u; image < ${batch}u; image++) {
    let g = dy[image * ${tokens * length}u + index];
    total += g;
    ${modes.patches === 'none' ? '' : patch}
  }
  ${modes.classEmbedding === 'none' ? '' : `if (token == 0u) { d_class[column] ${assign(modes.classEmbedding)} total; }`}
  ${modes.positions === 'none' ? '' : `d_positions[index] ${assign(modes.positions)} total;`}`,
  );
  return makeKernel({
    label: `imageTokensBackward ${batch}x${patches}x${width}${classToken ? ' class' : ''} ${modes.patches} ${modes.classEmbedding} ${modes.positions}`,
    bindings,
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: (modes.patches === 'none' ? 4 : 8) * batch * tokens * width,
  });
}
