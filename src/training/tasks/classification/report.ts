import { captionKey } from '../../../dataset/caption-groups';
import { taskPart } from '../../../recipe/fields';
import type { ClassificationReport } from '../../../tasks/classification/predictions';
import { StudioError } from '../../../protocol/errors';
import type { WeightDelta } from '../../../runs/weight-set';
import { classesOf } from '../../data/labelled-view';
import { fillTemplate } from '../../label-template';
import type { MeasuredWeights, ReportOptions, TaskReport } from '../report';
import { headBias, headWeight, headLogits, zeroShotLogits, type Head } from './head';
import { measuredClasses } from './measured';
import { confusionOf, scoreClasses, type ClassScores } from './scores';

/** Classification of some pictures: the base model by the classes in words, against the trained head. */
export async function classificationReport(options: ReportOptions): Promise<TaskReport> {
  const { view, base, tuned, pause } = options;
  const named = classesOf(view);
  // A head knows the classes that it was trained on, whatever there is in the data now.
  const classes = options.labels ?? named.classes;
  const placeOf = new Map(classes.map((label, place) => [captionKey(label), place]));
  const known = options.images.flatMap((image) => {
    const target = placeOf.get(captionKey(named.classes[named.targets[image] ?? -1] ?? ''));
    return target === undefined ? [] : [{ image, target }];
  });
  if (known.length === 0) {
    throw new StudioError(
      'mismatch',
      'None of these pictures is of a class that the run tells apart. Evaluate it on pictures of the same classes.',
    );
  }
  const images = known.map(({ image }) => image);
  const wanted = known.map(({ target }) => target);
  const records = images.flatMap((image) => view.images[image] ?? []);
  const ids = records.map(({ id }) => id);
  const score = (logits: Float32Array): ClassScores => scoreClasses(logits, wanted, classes.length);
  const unlabelled = 'unlabelled' in view && typeof view.unlabelled === 'number' ? view.unlabelled : 0;
  const before = score(await wordLogits(base, classes, { ...options, images }));
  const common = {
    samples: records.map((record, place) => ({ record, wanted: classes[wanted[place] ?? -1] ?? '' })),
    tied: null,
    classes,
    base: measuredClasses(before, classes),
    about: { unlabelled, unknown: options.images.length - images.length },
  };
  const found = { base: confusionOf(before, classes, ids), unlabelled };
  if (tuned === null) {
    const details: ClassificationReport = { ...found, tuned: null };
    return { ...common, tuned: null, details };
  }
  const head = await headOf(tuned.set.delta);
  const read = await tuned.use((encoder) =>
    encoder.imageMeans(
      records.length,
      (index) => tuned.pixels.pixels(records[index]!),
      async (done) => {
        options.progress('Measuring the tuned model', done, records.length);
        await pause();
      },
    ),
  );
  const after = score(headLogits(head, read));
  const details: ClassificationReport = { ...found, tuned: confusionOf(after, classes, ids) };
  return { ...common, tuned: measuredClasses(after, classes), details };
}

/** The trained head among the tensors of a run. @throws StudioError `no-weights` where there is none */
export async function headOf(delta: WeightDelta | null): Promise<Head> {
  const found = new Map<string, Float32Array>();
  if (delta !== null && delta.names.includes(headWeight) && delta.names.includes(headBias)) {
    for await (const [name, values] of delta.read([headWeight, headBias])) found.set(name, values);
  }
  const [weight, bias] = [found.get(headWeight), found.get(headBias)];
  if (weight === undefined || bias === undefined) {
    throw new StudioError(
      'no-weights',
      'This run kept no trained head: no step was better than the base model in words. Choose another run, or train again with “Keep the best weights” off.',
    );
  }
  return { weight, bias };
}

async function wordLogits(
  weights: MeasuredWeights,
  classes: readonly string[],
  { view, images, recipe, signal, progress }: ReportOptions,
): Promise<Float32Array> {
  const { features, use, pixels } = weights;
  const template = recipe.task.type === 'classification' ? taskPart(recipe, 'classification').promptTemplate : '{}';
  const records = images.flatMap((image) => view.images[image] ?? []);
  const pictures = await features.images(records, use, pixels, {
    signal,
    onProgress: (done, total) => progress('Measuring the base model', done, total),
  });
  const words = await features.captions(
    classes.map((label) => fillTemplate(template, label)),
    use,
    { signal },
  );
  return zeroShotLogits(pictures, words, features.width, await features.logLogitScale(use));
}
