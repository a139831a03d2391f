import { adapterClass, type TuningTarget } from '../../adapter-class';
import type { AttentionVariant } from './problem';

const laneTile = (lanes: number): AttentionVariant => ({ kind: 'tile', worker: 'lane', lanes });
const quadTile: AttentionVariant = { kind: 'tile', worker: 'quad' };

/** Attention variants worth timing on an adapter, the default first. */
export function attentionCandidates({ adapter, features }: TuningTarget): readonly AttentionVariant[] {
  if (adapterClass(adapter) === 'software') {
    // Lanes of a software adapter's workgroup run one after another: no more of them than needed.
    if (!features.subgroups) return [laneTile(4)];
    // Other software adapters compile attention for seconds, which no choice between kernels makes up for.
    return /llvmpipe/i.test(adapter.name) ? [quadTile, laneTile(4)] : [quadTile];
  }
  return [laneTile(64), laneTile(32), ...(features.subgroups ? [quadTile] : []), { kind: 'rows' }];
}
