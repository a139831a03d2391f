import type { TaughtView } from '../../data/taught-view';
import type { MeasuredWeights, ReportOptions } from '../report';
import type { Goal, Judged } from './goal';
import { headShape, type HeadTask } from './shape';
import { headOutputs, type HeadSamples } from './trained-head';
import type { Embedder } from './zero-shot';

/** What the base model and, where there is one, the trained head make of some samples of a view. */
export async function judgeBoth<J extends Judged>(
  options: ReportOptions,
  view: TaughtView,
  samples: readonly number[],
  { goal, part }: { readonly goal: Goal<J>; readonly part: HeadTask },
): Promise<{ readonly before: J; readonly after: J | null }> {
  const { base, tuned, progress, pause } = options;
  const before = await goal.base(reportEmbedder(base, view, options), samples);
  if (tuned === null) return { before, after: null };
  const shape = headShape(part, tuned.model.architecture, goal);
  const logits = await headOutputs(tuned, shape, samplesOf(tuned, view, samples, part), async (done) => {
    progress('Measuring the tuned model', done, samples.length);
    await pause();
  });
  return { before, after: goal.judge(logits, samples) };
}

function samplesOf(
  { pixels }: MeasuredWeights,
  view: TaughtView,
  samples: readonly number[],
  { input }: HeadTask,
): HeadSamples {
  return {
    count: samples.length,
    pixels: (place) => {
      const record = view.images[samples[place] ?? -1];
      return record === undefined ? null : pixels.pixels(record);
    },
    words: input === 'picture' ? null : samples.map((sample) => view.words[sample]?.[0] ?? null),
  };
}

/** Features by weights that are measured, of which those of pictures are remembered. */
function reportEmbedder(
  { features, use, pixels }: MeasuredWeights,
  view: TaughtView,
  { signal, progress }: Pick<ReportOptions, 'signal' | 'progress'>,
): Embedder {
  return {
    width: features.width,
    images: (samples) =>
      features.images(
        samples.flatMap((sample) => view.images[sample] ?? []),
        use,
        pixels,
        { signal, onProgress: (done, total) => progress('Measuring the base model', done, total) },
      ),
    texts: (sentences) => features.captions(sentences, use, { signal }),
    logScale: () => features.logLogitScale(use),
  };
}
