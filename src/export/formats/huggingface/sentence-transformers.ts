import { textFile, type ExportFile } from '../../export-file';
import type { ExportedModel } from '../../model';

/**
 * What sentence-transformers has to be told of a model whose captions are padded to a length: it opens the directories of Transformers by itself,
 * but pads each batch to its longest caption, which changes what such a model sees.
 */
export function* sentenceTransformersFiles({ base }: ExportedModel): Generator<ExportFile> {
  const { family, text } = base.architecture;
  if (!family.tokenizer.padded) return;
  const features = (method: string) => ({ method, method_output_name: 'pooler_output' });
  yield textFile('modules.json', written([transformer]));
  yield textFile(
    'sentence_bert_config.json',
    written({
      transformer_task: 'feature-extraction',
      modality_config: { text: features('get_text_features'), image: features('get_image_features') },
      module_output_name: 'sentence_embedding',
      processing_kwargs: { text: { padding: 'max_length', truncation: true, max_length: text.maxTokens } },
    }),
  );
}

const transformer = {
  idx: 0,
  name: '0',
  path: '',
  type: 'sentence_transformers.base.modules.transformer.Transformer',
};

function written(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
