import { baseColumns } from '../../dataset/columns';
import type { SampleRecord, Split } from '../../dataset/types';
import { elementCount } from '../../engine/graph/value';
import { datasetView, type DatasetView } from '../data/dataset-view';
import type { ModelHandle } from '../model-handle';
import { createRandom } from '../random';
import type { PixelReader } from '../features/samples';
import { modelTensors } from '../../model/architecture';
import { openArchitecture } from '../../model/families';

/**
 * A model and a dataset for tests of training. They belong together: captions consist of the model's words, pictures have its side. Both are made
 * by fixed rules, so every test sees the same.
 */

const side = 16;

/** Words of the tiny vocabulary; 0 is the start and 1 the end of text. */
const words = ['red', 'green', 'blue', 'white', 'square', 'disc', 'bar', 'dot'];

/** A CLIP with two blocks a tower, 16-pixel pictures and random weights: small enough to train in a test on a plain CPU. */
export function tinyModel(seed = 1): ModelHandle {
  const tower = { hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2 };
  const architecture = openArchitecture({
    model_type: 'clip',
    projection_dim: 12,
    text_config: { ...tower, vocab_size: 2 + words.length, max_position_embeddings: 8, eos_token_id: 1 },
    vision_config: { ...tower, image_size: side, patch_size: 8 },
  });
  const random = createRandom(seed);
  const tensors = new Map(
    modelTensors(architecture).map(({ name, shape }): [string, Float32Array] => {
      if (name === 'logit_scale') return [name, Float32Array.of(Math.log(10))];
      const isNorm = /norm|layrnorm/.test(name);
      const fill = (): number => (isNorm && name.endsWith('weight') ? 1 : (random() - 0.5) * 0.5);
      return [name, Float32Array.from({ length: elementCount(shape) }, fill)];
    }),
  );
  return {
    id: 'local/tiny',
    architecture,
    tensors,
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    tokenize: (caption) => {
      const ids = caption.split(' ').map((word) => 2 + Math.max(0, words.indexOf(word)));
      return { ids: [0, ...ids.slice(0, 6), 1], truncated: ids.length > 6 };
    },
    words: (ids) => Array.from(ids, (id) => words[id - 2] ?? '').join(' '),
    preprocess: () => new Uint8Array(3 * side * side),
    preprocessing: 'none',
  };
}

const colours: readonly (readonly [number, number, number])[] = [
  [255, 30, 30],
  [30, 255, 30],
  [30, 30, 255],
  [250, 250, 250],
];

/**
 * One picture for each of 16 captions, each a colour and a shape; in turn for training, training, training and validation. The first carries a
 * second caption, so that 13 training pairs do not fill every batch.
 */
export async function tinyDataset(
  /** Puts the pictures in another order, as another import would. */
  arrange: (records: SampleRecord[]) => SampleRecord[] = (records) => records,
): Promise<{ view: DatasetView; pixels: PixelReader }> {
  const splits: readonly Split[] = ['train', 'train', 'train', 'validation'];
  const records = Array.from({ length: 16 }, (_, i): SampleRecord => {
    const hash = String(i).padStart(2, '0');
    return {
      id: `tiny/${hash}`,
      datasetId: 'tiny',
      hash,
      media: [{ kind: 'image', path: `${hash}.png`, type: 'image/png', width: side, height: side, bytes: 1 }],
      captions: [`${words[i >> 2] ?? ''} ${words[4 + (i & 3)] ?? ''}`, ...(i === 0 ? ['red'] : [])],
      split: splits[(i + (i >> 2)) & 3] ?? 'train',
      fields: {},
      order: i,
    };
  });
  const dataset = {
    id: 'tiny',
    name: 'tiny',
    createdAt: 0,
    split: { seed: 1, validation: 0.25, test: 0 },
    origin: 'files',
    columns: [...baseColumns],
  };
  const pixels: PixelReader = { pixels: (image) => Promise.resolve(draw(Number(image.hash))) };
  return { view: await datasetView(dataset, arrange(records)), pixels };
}

/** A colour in one of four places on black. */
function draw(index: number): Uint8Array {
  const pixels = new Uint8Array(3 * side * side);
  const colour = colours[index >> 2] ?? [0, 0, 0];
  const left = index & 1 ? 8 : 0;
  const top = index & 2 ? 8 : 0;
  for (let y = top; y < top + 8; y++) for (let x = left; x < left + 8; x++) pixels.set(colour, 3 * (y * side + x));
  return pixels;
}
