import type { LayerGroup } from '../family';
import { tensorsOf } from '../transformer/tensors';
import type { BlipConfig } from './config';
import { visionStages, type BlipStage } from './stages';
import { headTensors, textBlockTensors, textEmbeddingTensors, visionStageTensors, type TextPart } from './tensors';

/** A group for every stage of the image tower, and for the embeddings, the blocks and the output of each text model, named after part and layer. */
export function blipLayerGroups(config: BlipConfig): readonly LayerGroup[] {
  const vision = visionStages(config)
    .filter((stage) => stage !== 'features')
    .map((stage) => ({
      id: `vision.${stage}`,
      tower: 'vision' as const,
      stage,
      ...visionPlace(stage),
      tensors: visionStageTensors(config, stage),
    }));
  return [...vision, ...(config.answers ? textGroups(config, 'question') : []), ...textGroups(config, 'decoder')];
}

function textGroups(config: BlipConfig, part: TextPart): readonly LayerGroup[] {
  const shared = { tower: part, stage: null };
  const embeddings: LayerGroup = {
    ...shared,
    id: `${part}.embeddings`,
    label:
      part === 'decoder' ? 'Token and position embeddings, and the output’s weights' : 'Token and position embeddings',
    kind: 'embeddings',
    index: null,
    tensors: tensorsOf(textEmbeddingTensors(config, part)),
  };
  const blocks = Array.from({ length: config.text.layers }, (_, index): LayerGroup => {
    const { self, cross, mlp } = textBlockTensors(config, part, index);
    return {
      ...shared,
      id: `${part}.blocks.${index}`,
      label: `Block ${index + 1}`,
      kind: 'block',
      index,
      tensors: [self, cross, mlp].flatMap((layers) => tensorsOf(layers)),
    };
  });
  if (part === 'question') return [embeddings, ...blocks];
  const head: LayerGroup = {
    ...shared,
    id: 'decoder.head',
    label: 'Output layer',
    kind: 'projection',
    index: null,
    tensors: tensorsOf(headTensors(config)),
  };
  return [embeddings, ...blocks, head];
}

function visionPlace(stage: Exclude<BlipStage, 'features'>): Pick<LayerGroup, 'label' | 'kind' | 'index'> {
  if (stage === 'embeddings') return { label: 'Patch and position embeddings', kind: 'embeddings', index: null };
  if (stage === 'final_norm') return { label: 'Final norm', kind: 'norm', index: null };
  const index = Number(stage.slice('blocks.'.length));
  return { label: `Block ${index + 1}`, kind: 'block', index };
}
