import type { StepReading } from '../../../engine/executor';
import { differentiate, type TrainingProgram } from '../../../engine/graph/differentiate';
import type { ParameterPart } from '../../../engine/graph/ir';
import { pairOf, tensorNames, trainableValues } from '../../../model/architecture';
import { lossOutput } from '../../../model/pair-graph';
import { taskPart } from '../../../recipe/fields';
import { trainableGroups } from '../../../recipe/trainable';
import { classification } from '../../../tasks/classification';
import type { ClassifiedPicture } from '../../../tasks/classification/predictions';
import type { Metrics } from '../../../tasks/metrics';
import { cacheBudget, evaluationRows } from '../../budgets';
import { imagesOf } from '../../data/dataset-view';
import { classesOf } from '../../data/labelled-view';
import { microBatchRows } from '../../data/plan';
import { TextSource, type SampleSource } from '../../features/samples';
import { graphInputs, pickInputs, TowerPass } from '../../features/tower';
import { towerSetup, type TowerSetup } from '../../features/tower-setup';
import { changingPictures, plainPictures } from '../../features/training-pictures';
import type { OwnValues } from '../../features/weight-store';
import { fillTemplate } from '../../label-template';
import { createRandom, mixSeed, shuffled } from '../../random';
import { changeBetween, resampledNames } from '../compare';
import { groupsOf } from '../groups';
import { everyPlace, type Measured } from '../measured';
import {
  notesOnKept,
  unfinished,
  type BatchInputs,
  type TaskEvaluation,
  type TaskOptions,
  type TaskWork,
  type TrainingTask,
} from '../task';
import { labelBatches } from './batches';
import { fitHead } from './fit-head';
import { classifierGraph, targetsInput } from './graph';
import {
  balancedWeights,
  classWeightsInput,
  headBias,
  headWeight,
  headLogits,
  headParts,
  zeroShotLogits,
  type Head,
} from './head';
import { measuredClasses } from './measured';
import { guessOf, scoreClasses, type ClassScores } from './scores';

/** Training pictures that a head is fitted to words on, at most. */
const fittedPictures = 2048;

/** Validation pictures that are shown at every evaluation. */
const shownPictures = 8;

/** What the task adds to the model, before it is known what the head starts from. */
export function headTensors({
  model,
  view,
  recipe,
}: Pick<TaskOptions, 'model' | 'view' | 'recipe'>): readonly OwnValues[] {
  const { classes, targets } = classesOf(view);
  const train = imagesOf(view, 'train').map((image) => targets[image] ?? 0);
  const weights = balancedWeights(train, classes.length);
  const balanced = taskPart(recipe, 'classification').classWeights === 'balanced';
  const zeros = headParts(classes.length, model.architecture.towers.vision.width).map((part) => ({
    ...part,
    values: new Float32Array(part.shape.reduce((product, extent) => product * extent, 1)),
  }));
  return [
    ...zeros,
    {
      name: classWeightsInput,
      shape: [classes.length],
      values: balanced ? weights : new Float32Array(classes.length).fill(1),
    },
  ];
}

/**
 * A linear head on the mean of the image tower's patches, trained by cross-entropy with the tower's trained layers: `CLIPForImageClassification` of
 * Transformers. The base model, which has no such head, is measured by what it makes of the classes in words (zero-shot). What lies below the lowest
 * trained layer is computed once per picture, or once per view of it.
 */
export class ClassificationTask implements TrainingTask {
  readonly description = classification;
  readonly program: TrainingProgram;
  readonly clamp = {};
  readonly trainable: readonly string[];
  readonly own: readonly ParameterPart[];
  readonly notes: readonly string[];
  private readonly inputNames: ReadonlySet<string>;
  readonly labels: readonly string[];
  private readonly targets: readonly number[];
  private readonly train: readonly number[];
  private readonly validation: readonly number[];
  /** What of the validation pictures belongs together. */
  private readonly groups: Int32Array;
  private baseline: {
    readonly scores: ClassScores;
    readonly measured: Measured;
    readonly shown: readonly number[];
  } | null = null;

  private constructor(
    private readonly options: TaskOptions,
    private readonly tower: TowerSetup,
    groups: ReadonlySet<string>,
    truncated: number,
  ) {
    const { view, model, plan, recipe } = options;
    ({ classes: this.labels, targets: this.targets } = classesOf(view));
    this.train = imagesOf(view, 'train');
    this.validation = imagesOf(view, 'validation');
    this.groups = groupsOf(
      this.validation.flatMap((image) => view.images[image] ?? []),
      view.dataset,
    );
    this.own = headParts(this.labels.length, model.architecture.towers.vision.width);
    const graph = classifierGraph(model.architecture, {
      batch: microBatchRows(plan),
      classes: this.labels.length,
      from: tower.trainFrom,
      normalization: model.normalization,
      squareSide: tower.trainSource(0).squareSide,
      attentionDropout: recipe.attentionDropout,
      labelSmoothing: taskPart(recipe, 'classification').labelSmoothing,
    });
    const names = new Set([...tensorNames(model.architecture, groups), headWeight, headBias]);
    const loss = graph.outputs[lossOutput];
    if (loss === undefined) throw new Error('The training graph has no loss.');
    this.program = differentiate(graph, loss, trainableValues(graph, names));
    // Of the model's tensors some, such as all of the text tower, have no part in it.
    this.trainable = graph.parameters
      .flatMap(({ parts }) => parts.map(({ name }) => name))
      .filter((name) => names.has(name));
    this.inputNames = graphInputs(graph);
    const cut =
      truncated === 0 ? [] : ['In words, some classes are longer than the model can read and are cut at their end.'];
    this.notes = [...cut, ...notesOnKept([tower])];
  }

  static async create(options: TaskOptions): Promise<ClassificationTask> {
    const { model, view, recipe, device, pixels, cache, augmented } = options;
    const groups = trainableGroups(recipe.method, model.architecture.groups);
    const tower = await towerSetup({
      model,
      device,
      tower: 'vision',
      reading: 'patch-mean',
      tokens: 0,
      rows: evaluationRows,
      groups,
      cache,
      source: plainPictures(model, view.images, pixels),
      train: imagesOf(view, 'train'),
      validation: imagesOf(view, 'validation'),
      changing: changingPictures(view.images, augmented, recipe),
      budget: options.cacheBudget ?? cacheBudget,
    });
    try {
      const task = new ClassificationTask(options, tower, groups, promptsOf(options).truncated);
      if (taskPart(recipe, 'classification').headStart === 'words') await task.startFromWords();
      return task;
    } catch (error) {
      tower.dispose();
      throw error;
    }
  }

  batches(epoch: number): readonly (readonly number[])[] {
    const { plan, recipe } = this.options;
    const { batchOrder } = taskPart(recipe, 'classification');
    const targets = this.train.map((image) => this.targetOf(image));
    return labelBatches(targets, plan, batchOrder, recipe.seed, epoch);
  }

  async inputs(batch: readonly number[], epoch: number): Promise<BatchInputs> {
    const { plan } = this.options;
    const rows = plan.microBatches * microBatchRows(plan);
    const targets = new Int32Array(rows).fill(-1);
    const images = Array.from({ length: rows }, (_, row) => {
      const image = this.train[batch[row] ?? batch[0] ?? 0] ?? 0;
      if (row < batch.length) targets[row] = this.targetOf(image);
      return image;
    });
    const pictures = await this.tower.trainSource(epoch).inputs(images, rows);
    return {
      data: pickInputs(this.inputNames, { ...pictures, [targetsInput]: targets }),
      trivial: this.labels.length < 2,
    };
  }

  stepMetrics(readings: readonly StepReading[]): Promise<readonly Metrics[]> {
    return Promise.resolve(readings.map(() => ({})));
  }

  frozenWork(epoch: number): TaskWork | null {
    const { augmented, recipe } = this.options;
    if (epoch >= Math.max(1, augmented === null ? 1 : recipe.cachedViews)) return null;
    return unfinished(this.tower, augmented === null ? 'pictures' : 'views');
  }

  async evaluate(between: (work?: TaskWork) => Promise<void>): Promise<TaskEvaluation | null> {
    const { validation, baseline, labels } = this;
    if (validation.length === 0) return null;
    const targets = validation.map((image) => this.targetOf(image));
    const counted = (done: number): Promise<void> => between({ done, total: validation.length, of: 'pictures' });
    if (baseline === null) {
      const scores = scoreClasses(await this.wordLogits(validation, counted), targets, labels.length);
      const shown = chooseShown(scores);
      const measured = measuredClasses(scores, labels);
      this.baseline = { scores, measured, shown };
      const metrics = measured.measure(everyPlace(validation.length));
      return { metrics, change: null, predictions: this.predictions(shown, scores, scores) };
    }
    const read = await this.tower.features.run(validation, counted);
    const scores = scoreClasses(headLogits(await this.head(), read), targets, labels.length);
    const measured = measuredClasses(scores, labels);
    return {
      metrics: measured.measure(everyPlace(validation.length)),
      change: await changeBetween(baseline.measured, measured, {
        groups: this.groups,
        names: resampledNames(this.description),
        pause: between,
      }),
      predictions: this.predictions(baseline.shown, baseline.scores, scores),
    };
  }

  dispose(): void {
    this.tower.dispose();
  }

  /** Fits the head to what the base model makes of training pictures in words. */
  private async startFromWords(): Promise<void> {
    const { recipe, device, pause } = this.options;
    const random = createRandom(mixSeed(recipe.seed, fittedPictures));
    const pictures = shuffled(this.train, random).slice(0, fittedPictures);
    const between = async (): Promise<void> => pause?.();
    const logits = await this.wordLogits(pictures, between);
    const read = await this.tower.features.run(pictures, between);
    const { weight, bias } = fitHead(read, logits, read.length / pictures.length, this.labels.length);
    const tensors = new Map([
      [headWeight, weight],
      [headBias, bias],
    ]);
    await device.lock.run(() => device.store.write(tensors));
  }

  /** What the weights of now make of pictures by the classes in words. Nothing of it stays on the device. */
  private async wordLogits(
    pictures: readonly number[],
    between: (done: number) => Promise<void>,
  ): Promise<Float32Array> {
    const { model, device, view, pixels } = this.options;
    const architecture = pairOf(model.architecture);
    const prompts = promptsOf(this.options);
    const features = async (
      tower: 'vision' | 'text',
      source: SampleSource,
      samples: readonly number[],
      tokens: number,
      after?: (done: number) => Promise<void>,
    ): Promise<Float32Array> => {
      const pass = await TowerPass.create(
        { model, device, tower, source, tokens, rows: evaluationRows },
        'embeddings',
        'features',
      );
      try {
        return await pass.run(samples, after);
      } finally {
        pass.dispose();
      }
    };
    const words = await features('text', prompts, [...this.labels.keys()], prompts.tokens);
    const images = await features('vision', plainPictures(model, view.images, pixels), pictures, 0, between);
    const { name } = architecture.logits.scale;
    const scale = (await device.lock.run(() => device.store.read([name]))).get(name)?.[0] ?? NaN;
    return zeroShotLogits(images, words, architecture.featureSize, scale);
  }

  private async head(): Promise<Head> {
    const { store, lock } = this.options.device;
    const values = await lock.run(() => store.read([headWeight, headBias]));
    const [weight, bias] = [values.get(headWeight), values.get(headBias)];
    if (weight === undefined || bias === undefined) throw new Error('The head is not on the device.');
    return { weight, bias };
  }

  private predictions(shown: readonly number[], base: ClassScores, tuned: ClassScores): readonly ClassifiedPicture[] {
    const { view } = this.options;
    return shown.map((place) => ({
      imageId: view.images[this.validation[place] ?? -1]?.id ?? '',
      label: this.labels[base.targets[place] ?? -1] ?? '',
      base: guessOf(base, place, this.labels),
      tuned: guessOf(tuned, place, this.labels),
    }));
  }

  private targetOf(image: number): number {
    return this.targets[image] ?? -1;
  }
}

function promptsOf({ model, view, recipe }: Pick<TaskOptions, 'model' | 'view' | 'recipe'>): TextSource {
  const { promptTemplate } = taskPart(recipe, 'classification');
  return new TextSource(
    model,
    classesOf(view).classes.map((label) => fillTemplate(promptTemplate, label)),
  );
}

/** Places of pictures worth watching: half that the base model gets wrong, half that it gets right, spread over all. */
function chooseShown({ targets, predicted }: ClassScores): readonly number[] {
  const places = [...targets.keys()];
  const wrong = places.filter((place) => predicted[place] !== targets[place]);
  const right = places.filter((place) => predicted[place] === targets[place]);
  const fromWrong = Math.min(wrong.length, Math.max(shownPictures / 2, shownPictures - right.length));
  return [...spread(wrong, fromWrong), ...spread(right, shownPictures - fromWrong)].sort((a, b) => a - b);
}

function spread(items: readonly number[], count: number): readonly number[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)] ?? 0);
}
