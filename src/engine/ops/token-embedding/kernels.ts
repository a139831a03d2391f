import type { Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf, type Binding } from '../../kernels/wgsl';

/**
 * Kernels that look up the embeddings of tokens and add those of their positions, and the gradients of both tables. These are summed without
 * atomics and in a fixed order, so that they are the same from run to run.
 */

export interface TokenEmbeddingShape {
  readonly batch: number;
  readonly tokens: number;
  readonly width: number;
  /** Rows of the table. */
  readonly vocabulary: number;
  /** Rows of the positions, where an offset per sequence is bound; absent: all sequences begin at the first position. */
  readonly places?: number | undefined;
}

const offsetBinding: Binding = ['offsets', 'read', 'array<i32>'];

/**
 * `y[b * tokens + t] = table[ids[b, t]] + positions[offset[b] + t]`. An id outside the table reads its last row, and so does a position.
 *
 * Bindings: ids, table, positions, y, and offsets if any.
 */
export function tokenEmbeddingForward(shape: TokenEmbeddingShape): Kernel {
  const { batch, tokens, width, vocabulary, places } = shape;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const token = `place % ${tokens}u`;
  const position = places === undefined ? token : `min(u32(offsets[place / ${tokens}u]) + ${token}, ${places - 1}u)`;
  const { main, workgroups } = perThread(
    batch * tokens * length,
    64,
    `  let place = index / ${length}u;
  let column = index % ${length}u;
  let row = min(u32(ids[place]), ${vocabulary - 1}u);
  y[index] = table[row * ${length}u + column] + positions[(${position}) * ${length}u + column];`,
  );
  return makeKernel({
    label: `tokenEmbedding ${batch}x${tokens}x${width} of ${vocabulary}${places === undefined ? '' : ` offsets in ${places}`}`,
    bindings: [
      ['ids', 'read', 'array<i32>'],
      ['table', 'read', `array<${type}>`],
      ['positions', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
      ...(places === undefined ? [] : [offsetBinding]),
    ],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: 12 * batch * tokens * width,
  });
}

/**
 * Links the places that hold the same id, so that the table's gradient can be summed without atomics, in a fixed order.
 * `links[p] = (1 if p is the first place with its id, next place with the same id or places)`.
 *
 * Bindings: ids, links.
 */
export function tokenLinks({ batch, tokens, vocabulary }: TokenEmbeddingShape): Kernel {
  const places = batch * tokens;
  const { main, workgroups } = perThread(
    places,
    32,
    `  let id = min(u32(ids[index]), ${vocabulary - 1}u);
  var first = 1u;
  for (var p = 0u; p < index; p++) {
    if (min(u32(ids[p]), ${vocabulary - 1}u) == id) { first = 0u; break; }
  }
  var next = ${places}u;
  for (var p = index + 1u; p < ${places}u; p++) {
    if (min(u32(ids[p]), ${vocabulary - 1}u) == id) { next = p; break; }
  }
  links[index] = vec2<u32>(first, next);`,
  );
  return makeKernel({
    label: `tokenLinks ${places} of ${vocabulary}`,
    bindings: [
      ['ids', 'read', 'array<i32>'],
      ['links', 'read_write', 'array<vec2<u32>>'],
    ],
    body: main,
    workgroups,
    flops: places * places,
    bytes: 4 * places * places,
  });
}

/**
 * Gradient of the embedding table: each id that occurs gets the sum of dy over its places. Rows of other ids, and that of padding, are left as they
 * are; the plan clears them before the step.
 *
 * Bindings: ids, links (of `tokenLinks`), dy, dTable.
 */
export function tokenEmbeddingBackwardTable(
  { batch, tokens, width, vocabulary }: TokenEmbeddingShape,
  options: { readonly accumulate: boolean; readonly padding?: number | null },
): Kernel {
  const { padding = null } = options;
  const places = batch * tokens;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    places * length,
    64,
    `  let place = index / ${length}u;
  let column = index % ${length}u;
  if (links[place].x == 0u${padding === null ? '' : ` || ids[place] == ${padding}`}) { return; }
  var total = ${type}();
  var p = place;
  while (p < ${places}u) {
    total += dy[p * ${length}u + column];
    p = links[p].y;
  }
  let row = min(u32(ids[place]), ${vocabulary - 1}u);
  d_table[row * ${length}u + column] ${options.accumulate ? '+=' : '='} total;`,
  );
  return makeKernel({
    label: `tokenEmbeddingBackwardTable ${batch}x${tokens}x${width} of ${vocabulary}${padding === null ? '' : ` without ${padding}`}${options.accumulate ? ' add' : ''}`,
    bindings: [
      ['ids', 'read', 'array<i32>'],
      ['links', 'read', 'array<vec2<u32>>'],
      ['dy', 'read', `array<${type}>`],
      ['d_table', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: places * width,
    bytes: 8 * places * width,
  });
}

/**
 * Gradient of the position embeddings: the sum of dy `[batch * tokens, width]` over the batch. Without offsets, positions past the last token are not
 * touched.
 *
 * Bindings: dy, dPositions, and offsets if any.
 */
export function positionsBackward(
  shape: Omit<TokenEmbeddingShape, 'vocabulary'>,
  options: { readonly accumulate: boolean },
): Kernel {
  const { batch, tokens, width, places } = shape;
  if (places !== undefined) return offsetPositionsBackward({ batch, tokens, width, places }, options);
  const { type, width: lanes } = vectorOf(width);
  const length = (tokens * width) / lanes;
  const { main, workgroups } = perThread(
    length,
    32,
    `  var total = ${type}();
  for (var b = 0u; b < ${batch}u; b++) { total += dy[b * ${length}u + index]; }
  d_positions[index] ${options.accumulate ? '+=' : '='} total;`,
  );
  return makeKernel({
    label: `positionsBackward ${batch}x${tokens}x${width}${options.accumulate ? ' add' : ''}`,
    bindings: [
      ['dy', 'read', `array<${type}>`],
      ['d_positions', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: 4 * batch * tokens * width,
  });
}

function offsetPositionsBackward(
  {
    batch,
    tokens,
    width,
    places,
  }: Pick<TokenEmbeddingShape, 'batch' | 'tokens' | 'width'> & { readonly places: number },
  { accumulate }: { readonly accumulate: boolean },
): Kernel {
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    places * length,
    32,
    `  let place = index / ${length}u;
  var total = ${type}();
  for (var b = 0u; b < ${batch}u; b++) {
    let first = u32(offsets[b]);
    if (place >= first && place < first + ${tokens}u) {
      total += dy[(b * ${tokens}u + place - first) * ${length}u + index % ${length}u];
    }
  }
  d_positions[index] ${accumulate ? '+=' : '='} total;`,
  );
  return makeKernel({
    label: `positionsBackward ${batch}x${tokens}x${width} offsets in ${places}${accumulate ? ' add' : ''}`,
    bindings: [['dy', 'read', `array<${type}>`], ['d_positions', 'read_write', `array<${type}>`], offsetBinding],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: 4 * (batch * tokens + places) * width,
  });
}
