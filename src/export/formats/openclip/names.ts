import type { ExportedTensor } from '../../model';
import { plainRule, type TensorRule } from '../../tensor-file';

/**
 * OpenCLIP's names of CLIP's tensors, which are those of OpenAI's code: queries, keys and values lie in one matrix, one below the other, and the
 * projections are multiplied from the other side (`open_clip/model.py`, `open_clip/transformer.py`).
 */

/** Outside of the blocks: the beginnings of Transformers' names and of OpenCLIP's. */
const places: readonly (readonly [ours: string, theirs: string])[] = [
  ['logit_scale', 'logit_scale'],
  ['text_model.embeddings.token_embedding.weight', 'token_embedding.weight'],
  ['text_model.embeddings.position_embedding.weight', 'positional_embedding'],
  ['text_model.final_layer_norm.', 'ln_final.'],
  ['vision_model.embeddings.class_embedding', 'visual.class_embedding'],
  ['vision_model.embeddings.patch_embedding.weight', 'visual.conv1.weight'],
  ['vision_model.embeddings.position_embedding.weight', 'visual.positional_embedding'],
  ['vision_model.pre_layrnorm.', 'visual.ln_pre.'],
  ['vision_model.post_layernorm.', 'visual.ln_post.'],
];

const projections: Readonly<Record<string, string>> = {
  'text_projection.weight': 'text_projection',
  'visual_projection.weight': 'visual.proj',
};

const towers: Readonly<Record<string, string>> = {
  text_model: 'transformer.resblocks',
  vision_model: 'visual.transformer.resblocks',
};

const blockParts: Readonly<Record<string, string>> = {
  layer_norm1: 'ln_1',
  layer_norm2: 'ln_2',
  'self_attn.out_proj': 'attn.out_proj',
  'mlp.fc1': 'mlp.c_fc',
  'mlp.fc2': 'mlp.c_proj',
};

/** The tensors of an OpenCLIP file, each made of those of a `CLIPModel`. */
export function openClipRules(tensors: readonly ExportedTensor[]): readonly TensorRule[] {
  return tensors.flatMap((tensor) => {
    const block = /^(text_model|vision_model)\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(tensor.name);
    return block === null ? [outside(tensor)] : inBlock(tensor, block);
  });
}

function outside(tensor: ExportedTensor): TensorRule {
  const { name, shape } = tensor;
  const projection = Object.hasOwn(projections, name) ? projections[name] : undefined;
  if (projection !== undefined)
    return { name: projection, shape: [...shape].reverse(), from: [name], transposed: true };
  const place = places.find(([ours]) => (ours.endsWith('.') ? name.startsWith(ours) : name === ours));
  if (place === undefined) throw unknown(tensor);
  return plainRule(place[1] + name.slice(place[0].length), tensor);
}

function unknown({ name }: ExportedTensor): Error {
  return new Error(`OpenCLIP has no name for the tensor "${name}".`);
}

/** None for keys and values, which the rule of the queries takes along. */
function inBlock(tensor: ExportedTensor, match: RegExpExecArray): readonly TensorRule[] {
  const [, tower = '', layer = '', part = '', kind = ''] = match;
  const place = `${towers[tower] ?? ''}.${layer}`;
  const [projection] = /^self_attn\.[qkv]_proj$/.exec(part) ?? [];
  if (projection === undefined) {
    const theirs = Object.hasOwn(blockParts, part) ? blockParts[part] : undefined;
    if (theirs === undefined) throw unknown(tensor);
    return [plainRule(`${place}.${theirs}.${kind}`, tensor)];
  }
  if (!projection.endsWith('.q_proj')) return [];
  const { name, shape } = tensor;
  const [rows = 0, ...columns] = shape;
  return [
    {
      name: `${place}.attn.in_proj_${kind}`,
      shape: [3 * rows, ...columns],
      from: ['q', 'k', 'v'].map((letter) => name.replace('.self_attn.q_proj.', `.self_attn.${letter}_proj.`)),
      transposed: false,
    },
  ];
}
