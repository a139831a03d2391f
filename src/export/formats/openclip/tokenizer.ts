import type { LoadedModel } from '../../../model/source';
import { jsonTree, members, withMember } from '../../json-text';

/** Tells Transformers, whose tokenizers OpenCLIP uses, which one to make. */
export const tokenizerConfigFile = 'tokenizer_config.json';

/**
 * The base's file, which names the class of its tokenizer: without the configuration of a model beside it, Transformers has nothing else to go by.
 */
export function tokenizerConfig({ companions }: LoadedModel): string {
  const bytes = companions.get(tokenizerConfigFile);
  const text = bytes === undefined ? '{}' : new TextDecoder().decode(bytes);
  const named = members(jsonTree(text)).some(({ key, value }) => key === 'tokenizer_class' && value.type === 'string');
  return named ? text : withMember(text, 'tokenizer_class', 'CLIPTokenizer');
}
