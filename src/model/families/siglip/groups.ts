import type { LayerGroup, Tower } from '../family';
import type { SiglipConfig } from './config';
import { towerStages, type SiglipStage } from './stages';
import { logitBiasTensor, logitScaleTensor, stageTensors } from './tensors';

/** A group for every stage of a tower, named after both, and one for each scalar of the loss. */
export function siglipLayerGroups(config: SiglipConfig): readonly LayerGroup[] {
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
  const scalar = { tower: null, kind: 'scale', index: null, stage: null } as const;
  return [
    ...towers,
    { ...scalar, id: 'logit_scale', label: 'Certainty (logit scale)', tensors: [logitScaleTensor] },
    { ...scalar, id: 'logit_bias', label: 'Logit bias', tensors: [logitBiasTensor] },
  ];
}

function placeOf(tower: Tower, stage: Exclude<SiglipStage, 'features'>): Pick<LayerGroup, 'label' | 'kind' | 'index'> {
  if (stage === 'embeddings') {
    const label = tower === 'vision' ? 'Patch and position embeddings' : 'Token and position embeddings';
    return { label, kind: 'embeddings', index: null };
  }
  if (stage === 'final_norm') return { label: 'Final norm', kind: 'norm', index: null };
  if (stage === 'head') {
    return {
      label: tower === 'vision' ? 'Attention pooling' : 'Matching layer (projection)',
      kind: 'projection',
      index: null,
    };
  }
  const index = Number(stage.slice('blocks.'.length));
  return { label: `Block ${index + 1}`, kind: 'block', index };
}
