import type { StepReading } from '../../../engine/executor';
import { differentiate, type TrainingProgram } from '../../../engine/graph/differentiate';
import { pairOf, tensorNames, trainableValues } from '../../../model/architecture';
import type { Tower } from '../../../model/families/family';
import { addedBias, lossOutput, pairGraph, pairInputs } from '../../../model/pair-graph';
import { taskPart } from '../../../recipe/fields';
import { trainableGroups } from '../../../recipe/trainable';
import { imagesOf, pairKeys, pairsOf, type Pair } from '../../data/dataset-view';
import { StudioError } from '../../../protocol/errors';
import {
  chooseProbes,
  galleryGroups,
  galleryOf,
  pairProbes,
  runProbes,
  scoreGallery,
  type Gallery,
  type GalleryFeatures,
  type Probes,
} from './evaluation';
import { cacheBudget, evaluationRows } from '../../budgets';
import { microBatchRows } from '../../data/plan';
import { epochBatches, type PairKeys } from '../../data/sampler';
import { TextSource } from '../../features/samples';
import { graphInputs, pickInputs } from '../../features/tower';
import { towerSetup, type TowerSetup } from '../../features/tower-setup';
import { changingPictures, plainPictures } from '../../features/training-pictures';
import { contrastive } from '../../../tasks/contrastive';
import type { ProbeRanking } from '../../../tasks/contrastive/predictions';
import type { MetricChanges, Metrics } from '../../../tasks/metrics';
import { changeBetween, resampledNames } from '../compare';
import type { Measured } from '../measured';
import { addsBias, fittedPairs, fittingBias, pairLossOf } from './sigmoid-bias';
import {
  notesOnKept,
  unfinished,
  type BatchInputs,
  type TaskEvaluation,
  type TaskOptions,
  type TaskWork,
  type TrainingTask,
} from '../task';

/** Least milliseconds between two readings of a scale that steps do not tell, each of which waits for the device. */
const scaleEvery = 250;

/**
 * Contrastive training of image and text towers (Radford et al. 2021, arXiv 2103.00020) with retrieval on the validation split as its measure.
 * What lies below the lowest trained layer of a tower is computed once per sample, or once per view where pictures change at random and come
 * back, see `Recipe.cachedViews`.
 */
export class ContrastiveTask implements TrainingTask {
  readonly description = contrastive;
  readonly program: TrainingProgram;
  readonly clamp: Readonly<Record<string, readonly [number, number]>>;
  readonly trainable: readonly string[];
  readonly adjusted: readonly string[];
  /** What the user should know of how the data is used. */
  readonly notes: readonly string[];
  private readonly pairs: readonly Pair[];
  private readonly pairKeys: readonly PairKeys[];
  private readonly inputNames: ReadonlySet<string>;
  private scale = { value: NaN, readAt: -Infinity };
  private baseline: {
    readonly measured: Measured;
    readonly places: readonly number[];
    readonly probes: Probes;
  } | null = null;

  /** The model's own tensors are all there is to keep. */
  readonly own = [];
  readonly labels = null;

  private constructor(
    private readonly options: TaskOptions,
    private readonly towers: Readonly<Record<Tower, TowerSetup>>,
    private readonly gallery: Gallery,
    groups: ReadonlySet<string>,
    text: TextSource,
  ) {
    const { model, recipe, view, plan } = options;
    const graph = pairGraph(model.architecture, {
      batch: microBatchRows(plan),
      tokens: text.tokens,
      imageFrom: towers.vision.trainFrom,
      textFrom: towers.text.trainFrom,
      normalization: model.normalization,
      squareSide: towers.vision.trainSource(0).squareSide,
      loss: pairLossOf(recipe, model.architecture),
      labelSmoothing: taskPart(recipe, 'contrastive').labelSmoothing,
      attentionDropout: recipe.attentionDropout,
    });
    const part = taskPart(recipe, 'contrastive');
    const names = tensorNames(model.architecture, groups);
    const loss = graph.outputs[lossOutput];
    if (loss === undefined) throw new Error('The training graph has no loss.');
    this.program = differentiate(graph, loss, trainableValues(graph, names));
    this.trainable = [...names];
    this.adjusted = addsBias(recipe, model.architecture) ? [addedBias.name] : [];
    const { name: scale } = pairOf(model.architecture).logits.scale;
    this.clamp = names.has(scale) ? { [scale]: [0, Math.log(part.maxLogitScale)] } : {};
    this.pairs = pairsOf(view, imagesOf(view, 'train'));
    this.pairKeys = this.pairs.map(pairKeys);
    this.inputNames = graphInputs(graph);
    this.notes = notesOn(text, towers);
  }

  /** @throws StudioError `nothing-trained` when the recipe freezes every layer */
  static async create(options: TaskOptions): Promise<ContrastiveTask> {
    const { model, view, recipe, device, pixels, cache } = options;
    const groups = trainableGroups(recipe.method, model.architecture.groups);
    if (groups.size === 0) {
      throw new StudioError(
        'nothing-trained',
        'Every layer is frozen, so there is nothing to train. Switch some layers on.',
      );
    }
    const text = new TextSource(model, view.captions);
    const plain = plainPictures(model, view.images, pixels);
    const shared = { model, device, tokens: text.tokens, rows: evaluationRows, groups, cache };
    const gallery = galleryOf(view, imagesOf(view, 'validation'));
    const budget = options.cacheBudget ?? cacheBudget;
    const captionsOf = imagesOf(view, 'train').flatMap((image) => view.captionsOf[image] ?? []);
    const towers: TowerSetup[] = [];
    try {
      const textTower = await towerSetup({
        ...shared,
        tower: 'text',
        source: text,
        train: [...new Set(captionsOf)],
        validation: gallery.captions,
        changing: null,
        budget,
      });
      towers.push(textTower);
      const vision = await towerSetup({
        ...shared,
        tower: 'vision',
        source: plain,
        train: imagesOf(view, 'train'),
        validation: gallery.images,
        changing: changingPictures(view.images, options.augmented, recipe),
        budget: budget - textTower.bytes,
      });
      towers.push(vision);
      const task = new ContrastiveTask(options, { vision, text: textTower }, gallery, groups, text);
      await task.fitBias();
      return task;
    } catch (error) {
      for (const tower of towers) tower.dispose();
      throw error;
    }
  }

  batches(epoch: number): readonly (readonly number[])[] {
    const { plan, recipe } = this.options;
    return epochBatches(this.pairKeys, plan, recipe.seed, epoch);
  }

  async inputs(batch: readonly number[], epoch: number): Promise<BatchInputs> {
    const { plan } = this.options;
    const rows = plan.microBatches * microBatchRows(plan);
    const images = new Array<number>(rows);
    const captions = new Array<number>(rows);
    // A negative key tells the loss that a row is padding.
    const imageKeys = new Int32Array(rows).fill(-1);
    const textKeys = new Int32Array(rows).fill(-1);
    for (let row = 0; row < rows; row++) {
      // Rows beyond the batch repeat its first pair: any picture does, but blank features could not be normalised.
      const { image, caption } = this.pair(batch[row] ?? batch[0]);
      images[row] = image;
      captions[row] = caption;
      if (row >= batch.length) continue;
      imageKeys[row] = image;
      textKeys[row] = caption;
    }
    const { vision, text } = this.towers;
    const [image, caption] = await Promise.all([
      vision.trainSource(epoch).inputs(images, rows),
      text.trainSource(epoch).inputs(captions, rows),
    ]);
    const data = pickInputs(this.inputNames, {
      ...image,
      ...caption,
      [pairInputs.imageKeys]: imageKeys,
      [pairInputs.textKeys]: textKeys,
    });
    return { data, trivial: !this.comparesAnything(batch) };
  }

  /** The scale that the loss was computed with: as the device tells it, else read now and then, since that waits for the device. */
  async stepMetrics(readings: readonly StepReading[]): Promise<readonly Metrics[]> {
    if (readings.some(({ logitScale }) => logitScale === undefined)) {
      const now = performance.now();
      if (now - this.scale.readAt >= scaleEvery) {
        this.scale = { value: Math.exp(await this.logLogitScale()), readAt: now };
      }
    }
    return readings.map(({ logitScale = this.scale.value }) => ({ logitScale }));
  }

  frozenWork(epoch: number): TaskWork | null {
    const { towers, options } = this;
    const { vision, text } = towers;
    // Each epoch with a view of its own has outputs of its own; once all views had their turn nothing is computed any more.
    if (epoch >= Math.max(1, options.augmented === null ? 1 : options.recipe.cachedViews)) return null;
    const of = options.augmented === null ? 'pictures' : 'views';
    return unfinished(vision, of) ?? unfinished(text, 'captions');
  }

  async evaluate(between: (work?: TaskWork) => Promise<void>): Promise<TaskEvaluation | null> {
    const { gallery, options } = this;
    if (gallery.images.length === 0) return null;
    const width = pairOf(options.model.architecture).featureSize;
    const features: GalleryFeatures = {
      images: await this.towers.vision.features.run(gallery.images, (done) =>
        between({ done, total: gallery.images.length, of: 'pictures' }),
      ),
      captions: await this.towers.text.features.run(gallery.captions, (done) =>
        between({ done, total: gallery.captions.length, of: 'captions' }),
      ),
      width,
    };
    await this.fitBias();
    const logitScale = await this.logLogitScale();
    const { metrics, measured, ranks } = await scoreGallery(gallery, features, logitScale, between, (work) =>
      work(options.device),
    );
    if (this.baseline === null) {
      const places = chooseProbes(gallery, ranks);
      const probes = runProbes(gallery, features, places);
      this.baseline = { measured, places, probes };
      return evaluated(metrics, null, pairProbes(probes, probes));
    }
    const { baseline } = this;
    const change = await changeBetween(baseline.measured, measured, {
      groups: galleryGroups(gallery),
      names: resampledNames(this.description),
      pause: between,
    });
    const probes = pairProbes(baseline.probes, runProbes(gallery, features, baseline.places));
    return evaluated(metrics, change, probes);
  }

  dispose(): void {
    for (const tower of Object.values(this.towers)) tower.dispose();
  }

  /** False where each pair shows the picture or carries the caption of the first: the loss leaves all of them out. */
  private comparesAnything(batch: readonly number[]): boolean {
    const first = this.pair(batch[0]);
    return batch.some((index) => {
      const { image, caption } = this.pair(index);
      return image !== first.image && caption !== first.caption;
    });
  }

  /** Sets the scalar that the sigmoid loss needs, where the model has none of its own, to what fits the weights as they are. */
  private async fitBias(): Promise<void> {
    const { model, recipe, device } = this.options;
    const architecture = pairOf(model.architecture);
    if (!addsBias(recipe, architecture)) return;
    const pairs = this.pairs.slice(0, fittedPairs);
    const images = await this.towers.vision.features.run(pairs.map(({ image }) => image));
    const captions = await this.towers.text.features.run(pairs.map(({ caption }) => caption));
    const scale = Math.exp(await this.logLogitScale());
    const bias = fittingBias(images, captions, architecture.featureSize, scale);
    await device.lock.run(() => device.store.write(new Map([[addedBias.name, Float32Array.of(bias)]])));
  }

  private pair(index: number | undefined): Pair {
    const pair = index === undefined ? undefined : this.pairs[index];
    if (pair === undefined) throw new Error(`There is no training pair ${index ?? 'in an empty batch'}.`);
    return pair;
  }

  private async logLogitScale(): Promise<number> {
    const { model, device } = this.options;
    const { name } = pairOf(model.architecture).logits.scale;
    const values = await device.lock.run(() => device.store.read([name]));
    return values.get(name)?.[0] ?? NaN;
  }
}

/** As the description says. */
function evaluated(
  metrics: Metrics,
  change: MetricChanges | null,
  predictions: readonly ProbeRanking[],
): TaskEvaluation {
  return { metrics, change, predictions };
}

function notesOn(
  text: TextSource,
  { vision, text: textTower }: Readonly<Record<Tower, TowerSetup>>,
): readonly string[] {
  const notes: string[] = [];
  if (text.truncated > 0) {
    const captions = text.truncated === 1 ? 'One caption is' : `${text.truncated} captions are`;
    notes.push(`${captions} longer than the model can read and cut at its end.`);
  }
  return [...notes, ...notesOnKept([vision, textTower])];
}
