import type { StepReading } from '../../../engine/executor';
import { differentiate, type TrainingProgram } from '../../../engine/graph/differentiate';
import type { ParameterPart } from '../../../engine/graph/value';
import { tensorNames, trainableValues } from '../../../model/architecture';
import { lossOutput } from '../../../model/pair-graph';
import type { Scale } from '../../../runs/types';
import type { Metrics } from '../../../tasks/metrics';
import { imagesOf } from '../../data/dataset-view';
import { microBatchRows } from '../../data/plan';
import type { TaughtView } from '../../data/taught-view';
import { graphInputs, pickInputs } from '../../features/tower';
import { evaluationRows } from '../../budgets';
import { createRandom, mixSeed, shuffled } from '../../random';
import { changeBetween, resampledNames } from '../compare';
import { groupsOf } from '../groups';
import { everyPlace } from '../measured';
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
import type { Goal, Judged } from './goal';
import { HeadPass, join, type HeadOutputs } from './head-pass';
import { presenceInputs } from './presence';
import { SampleReader, usedGroups } from './reader';
import { headBias, headWeight, type HeadShape, type HeadTask } from './shape';
import { headParts, supervisedGraph } from './tower-graph';
import { trainingEmbedder } from './training-embedder';

/** Training samples that a head is fitted to words on, at most. */
const fittedSamples = 2048;

/** Samples whose readings are in memory at once. */
const readAtOnce = 128;

export interface SupervisedOptions<J extends Judged> extends TaskOptions {
  readonly view: TaughtView;
  readonly part: HeadTask;
  readonly goal: Goal<J>;
  readonly shape: HeadShape;
  /** Whether the last layer begins with what the base model knows. */
  readonly startFromWords: boolean;
  /** What the user should know of how the data is used. */
  readonly notes: readonly string[];
}

/**
 * A head on one tower or both, trained with the towers' trained layers. What lies below the lowest trained layer of each is computed once per sample, or
 * once per view of a picture.
 */
export class SupervisedTask<J extends Judged> implements TrainingTask {
  readonly description;
  readonly program: TrainingProgram;
  readonly clamp = {};
  readonly trainable: readonly string[];
  readonly own: readonly ParameterPart[];
  readonly notes: readonly string[];
  readonly labels: readonly string[];
  readonly scales: readonly Scale[] | null;
  private readonly inputNames: ReadonlySet<string>;
  private readonly train: readonly number[];
  private readonly validation: readonly number[];
  /** What of the validation samples belongs together. */
  private readonly groups: Int32Array;
  private baseline: { readonly judged: J; readonly shown: readonly number[] } | null = null;

  private constructor(
    private readonly options: SupervisedOptions<J>,
    private readonly reader: SampleReader,
    private readonly head: HeadPass,
  ) {
    const { view, model, plan, recipe, goal, shape } = options;
    this.description = goal.description;
    this.labels = goal.labels;
    this.scales = goal.scales;
    this.train = imagesOf(view, 'train');
    this.validation = imagesOf(view, 'validation');
    this.groups = groupsOf(
      this.validation.flatMap((image) => view.images[image] ?? []),
      view.dataset,
    );
    this.own = headParts(shape).map(({ name, shape: extents }) => ({ name, shape: extents }));
    const batch = microBatchRows(plan);
    const graph = supervisedGraph(model.architecture, shape, {
      batch,
      tokens: reader.tokens,
      from: reader.trainFrom,
      normalization: model.normalization,
      squareSide: reader.squareSide,
      attentionDropout: recipe.attentionDropout,
      loss: (builder, logits) => goal.addLoss(builder, logits, batch),
    });
    const names = new Set([
      ...tensorNames(model.architecture, usedGroups(options)),
      ...this.own.map(({ name }) => name),
    ]);
    const loss = graph.outputs[lossOutput];
    if (loss === undefined) throw new Error('The training graph has no loss.');
    this.program = differentiate(graph, loss, trainableValues(graph, names));
    // Of the model's tensors some have no part in it.
    this.trainable = graph.parameters
      .flatMap(({ parts }) => parts.map(({ name }) => name))
      .filter((name) => names.has(name));
    this.inputNames = graphInputs(graph);
    this.notes = [...options.notes, ...reader.notes, ...notesOnKept(reader.towers)];
  }

  static async create<J extends Judged>(options: SupervisedOptions<J>): Promise<SupervisedTask<J>> {
    const { model, device, shape } = options;
    const reader = await SampleReader.create(options);
    let head: HeadPass | null = null;
    try {
      head = await HeadPass.create(device, model.architecture, shape, { rows: evaluationRows, tokens: reader.tokens });
      const task = new SupervisedTask(options, reader, head);
      if (options.startFromWords) await task.startFromWords();
      return task;
    } catch (error) {
      head?.dispose();
      reader.dispose();
      throw error;
    }
  }

  batches(epoch: number): readonly (readonly number[])[] {
    const { plan, recipe, goal } = this.options;
    const strata = this.train.map((sample) => goal.strata?.[sample] ?? 0);
    return labelBatches(strata, plan, goal.strata === null ? 'shuffled' : 'stratified', recipe.seed, epoch);
  }

  async inputs(batch: readonly number[], epoch: number): Promise<BatchInputs> {
    const { plan, goal } = this.options;
    const rows = plan.microBatches * microBatchRows(plan);
    const samples = Array.from({ length: rows }, (_, row) => this.train[batch[row] ?? batch[0] ?? 0] ?? 0);
    const { data, presence } = await this.reader.training(samples, rows, epoch);
    const targets = goal.targets(samples.map((sample, row) => (row < batch.length ? sample : null)));
    const all = { ...data, ...presenceInputs(presence, rows), ...targets };
    return { data: pickInputs(this.inputNames, all), trivial: goal.trivial };
  }

  stepMetrics(readings: readonly StepReading[]): Promise<readonly Metrics[]> {
    return Promise.resolve(readings.map(() => ({})));
  }

  frozenWork(epoch: number): TaskWork | null {
    const { augmented, recipe } = this.options;
    const { picture, words } = this.reader;
    const late = epoch >= Math.max(1, augmented === null ? 1 : recipe.cachedViews);
    const ofPictures = picture === null || late ? null : unfinished(picture, augmented === null ? 'pictures' : 'views');
    return ofPictures ?? (words === null || epoch > 0 ? null : unfinished(words.tower, 'captions'));
  }

  async evaluate(between: (work?: TaskWork) => Promise<void>): Promise<TaskEvaluation | null> {
    const { validation, baseline } = this;
    const { goal } = this.options;
    if (validation.length === 0) return null;
    const counted = (done: number): Promise<void> => between({ done, total: validation.length, of: 'pictures' });
    const places = everyPlace(validation.length);
    if (baseline === null) {
      const judged = await goal.base(trainingEmbedder(this.options, counted), validation);
      const shown = goal.shown(judged);
      this.baseline = { judged, shown };
      return {
        metrics: { ...judged.measured.measure(places), ...judged.found },
        change: null,
        predictions: goal.predictions(shown, validation, judged, judged),
      };
    }
    const { logits } = await this.outputs(validation, counted);
    const judged = goal.judge(logits, validation);
    return {
      metrics: { ...judged.measured.measure(places), ...judged.found },
      change: await changeBetween(baseline.judged.measured, judged.measured, {
        groups: this.groups,
        names: resampledNames(this.description),
        pause: between,
      }),
      predictions: goal.predictions(baseline.shown, validation, baseline.judged, judged),
    };
  }

  dispose(): void {
    this.head.dispose();
    this.reader.dispose();
  }

  /** What comes out of the head, and what its last layer reads. */
  private async outputs(samples: readonly number[], counted: (done: number) => Promise<void>): Promise<HeadOutputs> {
    const parts: HeadOutputs[] = [];
    for (let from = 0; from < samples.length; from += readAtOnce) {
      const chunk = samples.slice(from, from + readAtOnce);
      const { readings, presence } = await this.reader.evaluated(chunk, (done) => counted(from + done));
      parts.push(await this.head.run(readings, presence));
    }
    return { logits: join(parts.map(({ logits }) => logits)), read: join(parts.map(({ read }) => read)) };
  }

  /** Fits the last layer to what the base model makes of training samples. */
  private async startFromWords(): Promise<void> {
    const { recipe, device, pause, goal } = this.options;
    const random = createRandom(mixSeed(recipe.seed, fittedSamples));
    const samples = shuffled(this.train, random).slice(0, fittedSamples);
    const between = async (): Promise<void> => pause?.();
    const logits = await goal.startFrom(trainingEmbedder(this.options, between), samples);
    if (logits === null || samples.length === 0) return;
    const { read } = await this.outputs(samples, between);
    const { weight, bias } = fitHead(read, logits, read.length / samples.length, goal.outputs);
    const tensors = new Map([
      [headWeight, weight],
      [headBias, bias],
    ]);
    await device.lock.run(() => device.store.write(tensors));
  }
}
