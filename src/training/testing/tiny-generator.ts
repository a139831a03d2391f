import type { SampleRecord } from '../../dataset/types';
import { elementCount } from '../../engine/graph/value';
import { modelTensors } from '../../model/architecture';
import { openArchitecture } from '../../model/families';
import { questionView, type QuestionView } from '../data/question-view';
import type { PixelReader } from '../features/samples';
import type { ModelHandle } from '../model-handle';
import { createRandom } from '../random';
import { tinyDataset } from './tiny-model';

/** Words of the tiny vocabulary, behind [PAD], [CLS] and [SEP] and before [DEC] and [ENC]. */
const words = ['red', 'green', 'blue', 'white', 'square', 'disc', 'bar', 'dot', 'which', 'colour', 'shape', 'a', 'of'];
const [pad, cls, sep] = [0, 1, 2];
const first = 3;

/** A BLIP with two blocks a part that answers questions and writes captions, 16-pixel pictures and random weights. */
export function tinyGenerator(seed = 1): ModelHandle {
  const tower = { hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2 };
  const begin = first + words.length;
  const architecture = openArchitecture({
    model_type: 'blip',
    architectures: ['BlipForQuestionAnswering'],
    text_config: {
      ...tower,
      encoder_hidden_size: 16,
      vocab_size: begin + 2,
      max_position_embeddings: 10,
      bos_token_id: begin,
      sep_token_id: sep,
      pad_token_id: pad,
    },
    vision_config: { ...tower, image_size: 16, patch_size: 8 },
  });
  const random = createRandom(seed);
  const tensors = new Map(
    modelTensors(architecture).map(({ name, shape }): [string, Float32Array] => {
      const isNorm = /norm/i.test(name);
      const fill = (): number => (isNorm && name.endsWith('weight') ? 1 : (random() - 0.5) * 0.5);
      return [name, Float32Array.from({ length: elementCount(shape) }, fill)];
    }),
  );
  return {
    id: 'local/tiny-blip',
    architecture,
    tensors,
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    tokenize: (text) => {
      const ids = text.split(/\s+/).map((word) => first + Math.max(0, words.indexOf(word)));
      return { ids: [cls, ...ids.slice(0, 8), sep], truncated: ids.length > 8 };
    },
    words: (ids) => [...ids].flatMap((id) => words[id - first] ?? []).join(' '),
    preprocess: () => new Uint8Array(3 * 16 * 16),
    preprocessing: 'none',
  };
}

/** The tiny dataset with two questions a picture; the first has several answers. */
export async function tinyQuestions(): Promise<{ view: QuestionView; pixels: PixelReader }> {
  const { view, pixels } = await tinyDataset();
  const records = view.images.map((image): SampleRecord => {
    const [colour = '', shape = ''] = (image.captions[0] ?? '').split(' ');
    const answers = [image.order === 0 ? [colour, colour, 'white'] : [colour], [shape]];
    return { ...image, captions: [], fields: { question: ['which colour', 'which shape'], answer: answers } };
  });
  const columns = [
    ...view.dataset.columns,
    { name: 'question', role: 'question' } as const,
    { name: 'answer', role: 'answer' } as const,
  ];
  return { view: await questionView({ ...view.dataset, columns }, records), pixels };
}
