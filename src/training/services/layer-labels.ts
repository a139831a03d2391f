import { clipLayerGroups } from '../../model/clip/groups';
import type { ClipConfig } from '../../model/clip/config';
import type { LayerGroup } from '../../protocol/protocol';

/** The layer groups of a model as the page shows them, each tower from its input upwards. */
export function labelledGroups(config: ClipConfig): readonly LayerGroup[] {
  return clipLayerGroups(config).map(({ id, tower, stage, parameterCount }) => ({
    id,
    label: label(tower, stage),
    parameters: parameterCount,
  }));
}

function label(tower: 'vision' | 'text' | null, stage: string | null): string {
  if (tower === null || stage === null) return 'Logit scale';
  if (stage === 'embeddings')
    return tower === 'vision' ? 'Patch and position embeddings' : 'Token and position embeddings';
  if (stage === 'final_norm') return 'Final norm';
  if (stage === 'projection') return 'Projection';
  return `Block ${Number(stage.slice('blocks.'.length)) + 1}`;
}
