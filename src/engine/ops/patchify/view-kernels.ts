import type { PixelNormalization } from './node';
import { greyWeights, tapCount, viewLength } from '../../view';
import type { Kernel } from '../../kernels/kernel';
import { normalizationConstants } from './kernels';
import { workgroupSum, type KernelTarget } from '../../kernels/target';
import { f32, linearGrid, makeKernel, perThread } from '../../kernels/wgsl';

/** Views of square pictures (`engine/view.ts`), normalised and cut into patches by two kernels: `drawViews`, then `finishViews`. */
export interface ViewShape {
  readonly batch: number;
  /** Pixels along one side of a picture. */
  readonly side: number;
  /** Pixels along one side of a view. */
  readonly size: number;
  /** Pixels along one side of a patch. */
  readonly patch: number;
}

/** Pixels of a view that a workgroup shares, or that one invocation draws alone. Their greys go on as one sum. */
const chunk = 256;

const chunksPerView = ({ size }: ViewShape): number => Math.ceil((size * size) / chunk);

/** Floats that `drawViews` leaves for `finishViews` besides the patches. */
export function viewSums(shape: ViewShape): number {
  return shape.batch * chunksPerView(shape);
}

/**
 * Draws the views up to their brightness: RGB bytes `[batch, side, side, 3]` become `[batch * (size / patch)², 3 * patch²]`, 0…255, each patch
 * laid out channel, row, column. It has no gradient.
 *
 * Bindings: pixels (bytes, four to a word), views, y, sums.
 */
export function drawViews(shape: ViewShape, { target }: { readonly target: KernelTarget }): Kernel {
  const { batch, side, size, patch } = shape;
  const taps = tapCount(side, Math.max(1, side / size));
  const columns = Array.from({ length: taps }, (_, tap) => tap);
  const plane = patch * patch;
  const reduction = workgroupSum(chunk, 'f32');
  const { main, workgroups } = target.cooperative
    ? chunkPerWorkgroup(
        shape,
        `  var grey = 0.0;
  if (pixel < ${size * size}u) { grey = draw(view, pixel); }
${reduction.reduce('grey')}
  if (lid == 0u) { sums[index] = shared_sums[0]; }`,
      )
    : chunkPerThread(
        shape,
        `  var sum = 0.0;
  for (var pixel = first; pixel < end; pixel++) { sum += draw(view, pixel); }
  sums[index] = sum;`,
      );
  return makeKernel({
    label: `drawViews ${nameOf(shape, target)}`,
    bindings: [
      ['pixels', 'read', 'array<u32>'],
      ['views', 'read', 'array<f32>'],
      ['y', 'read_write', 'array<f32>'],
      ['sums', 'read_write', 'array<f32>'],
    ],
    body: `// The three bytes of a pixel lie in one word or in two.
fn texel(byte: u32) -> vec3<f32> {
  let shift = 8u * (byte & 3u);
  let low = pixels[byte >> 2u] >> shift;
  let high = pixels[(byte + 2u) >> 2u] << (32u - shift);
  let rgb = select(low, low | high, shift > 8u);
  return vec3<f32>((vec3<u32>(rgb) >> vec3<u32>(0u, 8u, 16u)) & vec3<u32>(255u));
}

// Writes one pixel, counted in the order of patches, and returns its grey.
fn draw(view: u32, pixel: u32) -> f32 {
  let place = pixel / ${plane}u;
  let inner = pixel % ${plane}u;
  let row = place / ${size / patch}u * ${patch}u + inner / ${patch}u;
  let column = place % ${size / patch}u * ${patch}u + inner % ${patch}u;
  let at = view * ${viewLength}u;
  let extent = vec2<f32>(views[at + 2u], views[at + 3u]);
  // A quotient may be off in its last bit, but what keeps its size must come out as it is.
  let scale = select(extent / ${f32(size)}, vec2<f32>(1.0), extent == vec2<f32>(${f32(size)}));
  let seen = vec2<f32>(f32(select(column, ${size - 1}u - column, views[at + 4u] != 0.0)), f32(row));
  let center = vec2<f32>(views[at], views[at + 1u]) + (seen + 0.5) * scale - 0.5;
  let support = max(scale, vec2<f32>(1.0));
  let first = clamp(ceil(center - support), vec2<f32>(0.0), vec2<f32>(${f32(side - taps)}));
  let away = center - first;
${columns.map((tap) => `  let weight${tap} = max(0.0, 1.0 - abs(away.x - ${f32(tap)}) / support.x);`).join('\n')}
  let across = ${columns.map((tap) => `weight${tap}`).join(' + ')};
  var byte = ((view * ${side}u + u32(first.y)) * ${side}u + u32(first.x)) * 3u;
  var color = vec3<f32>();
  var down = 0.0;
  for (var v = 0u; v < ${taps}u; v++) {
    let weight = max(0.0, 1.0 - abs(away.y - f32(v)) / support.y);
    color += weight * (${columns.map((tap) => `weight${tap} * texel(byte + ${3 * tap}u)`).join(' + ')});
    down += weight;
    byte += ${3 * side}u;
  }
  let bright = min(color / (across * down) * views[at + 5u], vec3<f32>(255.0));
  let to = ${3 * size * size}u * view + ${3 * plane}u * place + inner;
  y[to] = bright.r;
  y[to + ${plane}u] = bright.g;
  y[to + ${2 * plane}u] = bright.b;
  return dot(bright, ${grey});
}

${target.cooperative ? `${reduction.declaration}\n\n` : ''}${main}`,
    workgroups,
    flops: batch * size * size * (taps * (12 * taps + 12) + 40),
    bytes: batch * (3 * side * side + 12 * size * size),
  });
}

/**
 * Changes the contrast about the mean grey of each view, then the saturation, and normalises, all in place.
 *
 * Bindings: views, sums, y.
 */
export function finishViews(shape: ViewShape, options: PixelNormalization & { readonly target: KernelTarget }): Kernel {
  const { batch, size, patch } = shape;
  const { mean, std, target } = options;
  const plane = patch * patch;
  const chunks = chunksPerView(shape);
  const reduction = workgroupSum(chunk, 'f32');
  const add = (from: string, stride: string): string =>
    `  var sum = 0.0;
  for (var i = ${from}; i < ${chunks}u; i += ${stride}) { sum += sums[view * ${chunks}u + i]; }`;
  const { main, workgroups } = target.cooperative
    ? chunkPerWorkgroup(
        shape,
        `${add('lid', `${chunk}u`)}
${reduction.reduce('sum')}
  if (pixel < ${size * size}u) { finish(view, pixel, shared_sums[0]); }`,
      )
    : chunkPerThread(
        shape,
        `${add('0u', '1u')}
  for (var pixel = first; pixel < end; pixel++) { finish(view, pixel, sum); }`,
      );
  return makeKernel({
    label: `finishViews ${nameOf(shape, target)} mean${mean.join()} std${std.join()}`,
    bindings: [
      ['views', 'read', 'array<f32>'],
      ['sums', 'read', 'array<f32>'],
      ['y', 'read_write', 'array<f32>'],
    ],
    body: `${normalizationConstants(options)}

fn finish(view: u32, pixel: u32, sum: f32) {
  let contrast = views[view * ${viewLength}u + 6u];
  let saturation = views[view * ${viewLength}u + 7u];
  let at = ${3 * size * size}u * view + ${3 * plane}u * (pixel / ${plane}u) + pixel % ${plane}u;
  let white = vec3<f32>(255.0);
  var color = vec3<f32>(y[at], y[at + ${plane}u], y[at + ${2 * plane}u]);
  color = clamp(color * contrast + sum / ${f32(size * size)} * (1.0 - contrast), vec3<f32>(0.0), white);
  color = clamp(color * saturation + dot(color, ${grey}) * (1.0 - saturation), vec3<f32>(0.0), white);
  color = color * scale + shift;
  y[at] = color.r;
  y[at + ${plane}u] = color.g;
  y[at + ${2 * plane}u] = color.b;
}

${target.cooperative ? `${reduction.declaration}\n\n` : ''}${main}`,
    workgroups,
    flops: 25 * batch * size * size,
    bytes: 24 * batch * size * size,
  });
}

const grey = `vec3<f32>(${greyWeights.map(f32).join(', ')})`;

function nameOf({ batch, side, size, patch }: ViewShape, target: KernelTarget): string {
  return `${batch}x${side} as ${size}/${patch}${target.cooperative ? ' coop' : ''}`;
}

type EntryPoint = Pick<Kernel, 'workgroups'> & { readonly main: string };

/** The body gets the `index` of its chunk, the `view` it belongs to and the `pixel` of its invocation, which may lie beyond the view. */
function chunkPerWorkgroup(shape: ViewShape, body: string): EntryPoint {
  const chunks = chunksPerView(shape);
  const workgroups = linearGrid(shape.batch * chunks);
  return {
    workgroups,
    main: `@compute @workgroup_size(${chunk})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let index = group.y * ${workgroups[0]}u + group.x;
  if (index >= ${shape.batch * chunks}u) { return; }
  let view = index / ${chunks}u;
  let pixel = index % ${chunks}u * ${chunk}u + lid;
${body}
}`,
  };
}

/** The body gets the `index` of its chunk, the `view` it belongs to, and the `first` pixel and the `end` of the chunk. */
function chunkPerThread(shape: ViewShape, body: string): EntryPoint {
  const chunks = chunksPerView(shape);
  return perThread(
    shape.batch * chunks,
    32,
    `  let view = index / ${chunks}u;
  let first = index % ${chunks}u * ${chunk}u;
  let end = min(first + ${chunk}u, ${shape.size * shape.size}u);
${body}`,
  );
}
