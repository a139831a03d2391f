import { adapterClass, type TuningTarget } from '../../adapter-class';
import type { LinearPass, LinearShape } from './kernels';
import type { MatmulVariant } from './matmul-problem';

const register4: MatmulVariant = { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] };
const register8: MatmulVariant = { kind: 'register', rows: 8, columns: 4, lanes: [8, 8] };
const quad8: MatmulVariant = { kind: 'quad', rows: 8, columns: 16, quads: [1, 1] };
const quad16: MatmulVariant = { kind: 'quad', rows: 16, columns: 16, quads: [1, 1] };
const quad32: MatmulVariant = { kind: 'quad', rows: 16, columns: 32, quads: [1, 1] };
const shared32: MatmulVariant = { kind: 'shared', rows: 4, columns: 4, lanes: [8, 8], depth: 16 };
const shared64: MatmulVariant = { kind: 'shared', rows: 4, columns: 4, lanes: [16, 16], depth: 16 };
const shared64wide: MatmulVariant = { kind: 'shared', rows: 8, columns: 8, lanes: [8, 8], depth: 16 };
const shared128: MatmulVariant = { kind: 'shared', rows: 8, columns: 8, lanes: [8, 16], depth: 16 };

/** Rows of a product up to which there are variants of their own: tiles with as many rows, or sums shared among lanes. */
const fewRows = { tile: 8, split: 16 } as const;

/** Rows of such a variant. There are few variants, as each has to be tested before it is used. */
function rowsFor(rows: number): 1 | 8 {
  return rows === 1 ? 1 : 8;
}

/** Elements of a product below which large tiles leave most of a GPU idle. */
const smallProduct = 128 * 1024;

/**
 * Variants worth timing for a product, the default first. Rows of a weight's gradient come in groups of 16 from a quad, so the smaller quad
 * tile does not apply there.
 */
export function matmulCandidates(target: TuningTarget, pass: LinearPass, shape: LinearShape): readonly MatmulVariant[] {
  return [...(pass === 'forward' ? fewRowCandidates(target, shape) : []), ...usualCandidates(target, pass, shape)];
}

/** What suits products of few rows, such as those of the one word that a decoder reads at a time. */
function fewRowCandidates(target: TuningTarget, { rows }: LinearShape): readonly MatmulVariant[] {
  if (adapterClass(target.adapter) !== 'software')
    return rows <= fewRows.split ? [{ kind: 'split', rows: rowsFor(rows), columns: 4, lanes: [64] }] : [];
  if (rows > fewRows.tile) return [];
  return target.features.subgroups
    ? [{ kind: 'quad', rows: rows <= 4 ? 4 : 8, columns: 16, quads: [1, 1] }]
    : [{ kind: 'register', rows: rowsFor(rows), columns: 4, lanes: [8, 1] }];
}

function usualCandidates(target: TuningTarget, pass: LinearPass, shape: LinearShape): readonly MatmulVariant[] {
  const produced =
    pass === 'forward'
      ? shape.rows * shape.columns
      : pass === 'input'
        ? shape.rows * shape.inner
        : shape.columns * shape.inner;
  const kind = adapterClass(target.adapter);
  switch (kind) {
    case 'software': {
      if (!target.features.subgroups) return [register4, register8];
      // LLVM's time to compile grows fast with the tile, and llvmpipe gains nothing from larger ones.
      if (/llvmpipe/i.test(target.adapter.name)) return pass === 'weight' ? [quad16] : [quad8, quad16];
      return [quad16, quad32];
    }
    case 'apple':
      return [register4, register8, shared64];
    case 'gpu':
      return produced <= smallProduct
        ? [shared32, register4, shared64]
        : [shared64, shared64wide, shared128, shared32, register8, register4];
    default:
      return kind satisfies never;
  }
}
