import type { LayerGroup, Tower } from '../family';
import { logitScaleName, tensor } from '../transformer/tensors';
import type { ClipConfig } from './config';
import { towerStages, type ClipStage } from './stages';
import { stageTensors } from './tensors';

/** The logit scale of CLIP is a scalar. */
export const logitScaleTensor = tensor(logitScaleName);

/** A group for every stage of a tower, named after both, and one for the logit scale. */
export function clipLayerGroups(config: ClipConfig): readonly LayerGroup[] {
  const towers = (['vision', 'text'] as const).flatMap((tower) =>
    towerStages(config, tower)
      .filter((stage) => stage !== 'features')
      .map((stage) => ({
        id: `${tower}.${stage}`,
        tower,
        stage,
        ...placeOf(tower, stage),
        tensors: stageTensors(config, tower, stage),
      })),
  );
  const scale: LayerGroup = {
    id: logitScaleName,
    label: 'Certainty (logit scale)',
    tower: null,
    kind: 'scale',
    index: null,
    stage: null,
    tensors: [logitScaleTensor],
  };
  return [...towers, scale];
}

function placeOf(tower: Tower, stage: Exclude<ClipStage, 'features'>): Pick<LayerGroup, 'label' | 'kind' | 'index'> {
  if (stage === 'embeddings') {
    const label = tower === 'vision' ? 'Patch and position embeddings' : 'Token and position embeddings';
    return { label, kind: 'embeddings', index: null };
  }
  if (stage === 'final_norm') return { label: 'Final norm', kind: 'norm', index: null };
  if (stage === 'projection') return { label: 'Matching layer (projection)', kind: 'projection', index: null };
  const index = Number(stage.slice('blocks.'.length));
  return { label: `Block ${index + 1}`, kind: 'block', index };
}
