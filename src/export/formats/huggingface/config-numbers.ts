import { jsonTree, members, spelling, type JsonEdit, type JsonNode } from '../../json-text';

/**
 * How Transformers declares the numbers of the configurations of CLIP and its kin and of BLIP (`CLIPConfig`, `CLIPTextConfig`, `CLIPVisionConfig`, …). Since
 * version 5 it checks them and converts nothing: `1` is no float, and `512.0` no int. Fields that may be either are written as floats, as
 * Transformers itself does.
 */
const floats = [
  'initializer_factor',
  'initializer_range',
  'layer_norm_eps',
  'attention_dropout',
  'dropout',
  'logit_scale_init_value',
  'label_smoothing',
] as const;
const integers = [
  'vocab_size',
  'hidden_size',
  'intermediate_size',
  'projection_dim',
  'projection_size',
  'num_hidden_layers',
  'num_attention_heads',
  'max_position_embeddings',
  'num_channels',
  'image_size',
  'patch_size',
  'pad_token_id',
  'bos_token_id',
  'eos_token_id',
  'sep_token_id',
  'encoder_hidden_size',
  'image_text_hidden_size',
  'chunk_size_feed_forward',
  'label2id',
] as const;
const fieldKinds = new Map<string, 'float' | 'int'>([
  ...floats.map((name) => [name, 'float'] as const),
  ...integers.map((name) => [name, 'int'] as const),
]);

/** The objects beside the top that hold such fields; those that end in `_dict` were written until 2022. */
export const towerKeys = ['text_config', 'vision_config', 'text_config_dict', 'vision_config_dict'] as const;

const isFloat = (spelled: string): boolean => /[.eE]/.test(spelled);

interface TypedNumber {
  /** Place for messages, e.g. `text_config.initializer_factor`. */
  readonly place: string;
  readonly kind: 'float' | 'int';
  readonly node: JsonNode;
}

/** Edits that spell every number of a configuration in the type that Transformers declares; a number whose type is right is left alone. */
export function numberEdits(text: string): JsonEdit[] {
  return typedNumbers(jsonTree(text)).flatMap(({ kind, node }) => {
    const before = spelling(text, node);
    const after = kind === 'float' ? asFloat(before) : asInt(before);
    return after === before ? [] : [{ offset: node.offset, length: node.length, content: after }];
  });
}

/** What Transformers would refuse in a configuration, in words; empty when there is nothing. */
export function numberComplaints(text: string): string[] {
  return typedNumbers(jsonTree(text)).flatMap(({ place, kind, node }) => {
    const spelled = spelling(text, node);
    if (node.type === 'number' && isFloat(spelled) === (kind === 'float')) return [];
    return [`"${place}" is ${spelled} where ${kind === 'float' ? 'a float' : 'an integer'} belongs`];
  });
}

function typedNumbers(root: JsonNode): TypedNumber[] {
  const towers = members(root).filter(({ key }) => towerKeys.some((name) => name === key));
  return [{ key: '', value: root }, ...towers].flatMap(({ key: tower, value }) =>
    members(value).flatMap(({ key, value: field }) => {
      const kind = fieldKinds.get(key);
      const place = tower === '' ? key : `${tower}.${key}`;
      return kind === undefined ? [] : leaves(field).map((node) => ({ place, kind, node }));
    }),
  );
}

/** The values within a field: itself, or those of a list or a table. Null stands for "not given". */
function leaves(node: JsonNode): JsonNode[] {
  if (node.type === 'array') return (node.children ?? []).flatMap(leaves);
  if (node.type === 'object') return members(node).flatMap(({ value }) => leaves(value));
  return node.type === 'null' ? [] : [node];
}

function asFloat(spelled: string): string {
  return /^-?\d+$/.test(spelled) ? `${spelled}.0` : spelled;
}

function asInt(spelled: string): string {
  const value = Number(spelled);
  return isFloat(spelled) && Number.isSafeInteger(value) ? String(value) : spelled;
}
