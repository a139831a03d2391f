import { pairOf } from '../../../model/architecture';
import { evaluationRows } from '../../budgets';
import { TextSource, type SampleSource } from '../../features/samples';
import { TowerPass } from '../../features/tower';
import { plainPictures } from '../../features/training-pictures';
import type { TaskOptions } from '../task';
import type { Embedder } from './zero-shot';

/** Features by the weights of now. Nothing of it stays on the device. */
export function trainingEmbedder(
  { model, device, view, pixels }: Pick<TaskOptions, 'model' | 'device' | 'view' | 'pixels'>,
  counted: (done: number) => Promise<void>,
): Embedder {
  const { featureSize, logits } = pairOf(model.architecture);
  const features = async (
    tower: 'vision' | 'text',
    source: SampleSource,
    samples: readonly number[],
    tokens: number,
    after?: (done: number) => Promise<void>,
  ): Promise<Float32Array> => {
    const options = { model, device, tower, source, tokens, rows: evaluationRows };
    const pass = await TowerPass.create(options, 'embeddings', 'features');
    try {
      return await pass.run(samples, after);
    } finally {
      pass.dispose();
    }
  };
  return {
    width: featureSize,
    images: (samples) => features('vision', plainPictures(model, view.images, pixels), samples, 0, counted),
    texts(sentences) {
      const source = new TextSource(model, sentences);
      return features('text', source, [...sentences.keys()], source.tokens);
    },
    async logScale() {
      const { name } = logits.scale;
      return (await device.lock.run(() => device.store.read([name]))).get(name)?.[0] ?? NaN;
    },
  };
}
