import type { InputData } from '../../engine/executor';
import { differentiate, type TrainingProgram } from '../../engine/graph/differentiate';
import { CLIP_INPUTS, clipTrainingGraph, LOSS_OUTPUT } from '../../model/clip/graph';
import { clipLayerGroups, firstTrainableStage, tensorNames, trainableValues } from '../../model/clip/groups';
import type { Stage, Tower } from '../../model/clip/stages';
import { LOGIT_SCALE } from '../../model/clip/tensors';
import type { Recipe } from '../../recipe/schema';
import { trainableGroups } from '../../recipe/trainable';
import { viewSource, type RandomViews } from '../augmented-pixels';
import { imagesOf, pairKeys, pairsOf, type DatasetView, type Pair } from '../dataset-view';
import { StudioError } from '../errors';
import {
  chooseProbes,
  galleryOf,
  pairProbes,
  runProbes,
  scoreGallery,
  type Gallery,
  type GalleryFeatures,
  type Probes,
} from '../evaluation';
import type { ModelHandle } from '../model-handle';
import { microBatchRows, type RunPlan } from '../plan';
import { epochBatches } from '../sampler';
import { pixelSource, TextSource, type PixelReader, type SampleSource } from '../samples';
import { FrozenPrefix, graphInputs, pickInputs, TowerPass, type Device } from '../tower';
import type { TaskEvaluation, TrainingTask } from './task';

export interface ContrastiveOptions {
  readonly model: ModelHandle;
  readonly view: DatasetView;
  readonly recipe: Recipe;
  readonly plan: Pick<RunPlan, 'stepsPerEpoch' | 'batchSize' | 'microBatches'>;
  readonly device: Device;
  readonly pixels: PixelReader;
  /** Random views of the training pictures; null leaves pictures as they are. */
  readonly augmented: RandomViews | null;
  /** Bytes for outputs of frozen layers. */
  readonly cacheBudget?: number;
}

/** Outputs of frozen layers take at most so many bytes of the worker's memory. */
const usualCacheBudget = 768 * 2 ** 20;
/** Pairs of one compiled pass when features are computed. */
const evaluationRows = 32;

/**
 * Contrastive training of image and text towers (Radford et al. 2021, arXiv 2103.00020) with retrieval on the validation split as its measure.
 * What lies below the lowest trained layer of a tower is computed once per sample, unless pictures change from epoch to epoch.
 */
export class ContrastiveTask implements TrainingTask {
  readonly program: TrainingProgram;
  readonly clamp: Readonly<Record<string, readonly [number, number]>>;
  readonly trainable: readonly string[];
  /** What the user should know of how the data is used. */
  readonly notes: readonly string[];
  private readonly pairs: readonly Pair[];
  private readonly inputNames: ReadonlySet<string>;
  private baseline: { readonly places: readonly number[]; readonly probes: Probes } | null = null;

  private constructor(
    private readonly options: ContrastiveOptions,
    private readonly towers: Readonly<Record<Tower, TowerSetup>>,
    private readonly gallery: Gallery,
    groups: ReadonlySet<string>,
    text: TextSource,
  ) {
    const { model, recipe, view, plan } = options;
    const graph = clipTrainingGraph(model.config, {
      batch: microBatchRows(plan),
      tokens: text.tokens,
      imageFrom: towers.vision.trainFrom,
      textFrom: towers.text.trainFrom,
      normalization: model.normalization,
      squareSide: options.augmented?.side,
      labelSmoothing: recipe.labelSmoothing,
      attentionDropout: recipe.attentionDropout,
    });
    const names = tensorNames(model.config, groups);
    const loss = graph.outputs[LOSS_OUTPUT];
    if (loss === undefined) throw new Error('The training graph has no loss.');
    this.program = differentiate(graph, loss, trainableValues(graph, names));
    this.trainable = [...names];
    this.clamp = names.has(LOGIT_SCALE) ? { [LOGIT_SCALE]: [0, Math.log(recipe.maxLogitScale)] } : {};
    this.pairs = pairsOf(view, imagesOf(view, 'train'));
    this.inputNames = graphInputs(graph);
    this.notes = notesOn(text, towers);
  }

  /** @throws StudioError `nothing-trained` when the recipe freezes every layer */
  static async create(options: ContrastiveOptions): Promise<ContrastiveTask> {
    const { model, view, recipe, device, pixels } = options;
    const groups = trainableGroups(recipe, clipLayerGroups(model.config));
    if (groups.size === 0) {
      throw new StudioError(
        'nothing-trained',
        'Every layer is frozen, so there is nothing to train. Switch some layers on.',
      );
    }
    const text = new TextSource(model, view.captions);
    const plain = pixelSource(model, view.images.length, (image) => {
      const record = view.images[image];
      if (record === undefined) throw new Error(`There is no picture ${image}.`);
      return pixels.pixels(record);
    });
    const shared = { model, device, tokens: text.tokens, rows: evaluationRows, groups };
    const budget = options.cacheBudget ?? usualCacheBudget;
    const textTower = await towerSetup({ ...shared, tower: 'text', source: text, budget, changing: false });
    const left = budget - textTower.bytes;
    const vision = await towerSetup({
      ...shared,
      tower: 'vision',
      source: plain,
      budget: left,
      changing: options.augmented !== null,
    });
    const gallery = galleryOf(view, imagesOf(view, 'validation'));
    return new ContrastiveTask(options, { vision, text: textTower }, gallery, groups, text);
  }

  batches(epoch: number): readonly (readonly number[])[] {
    const { plan, recipe } = this.options;
    return epochBatches(this.pairs.map(pairKeys), plan, recipe.seed, epoch);
  }

  async inputs(batch: readonly number[], epoch: number): Promise<InputData> {
    const { plan } = this.options;
    const rows = plan.microBatches * microBatchRows(plan);
    const pairs = batch.map((index) => this.pair(index));
    const [first] = pairs;
    if (first === undefined) throw new Error('A batch cannot be empty.');
    // Rows beyond the batch repeat its first pair: any picture does, but blank features could not be normalised.
    const filled = Array.from({ length: rows }, (_, row) => pairs[row] ?? first);
    const { vision, text } = this.towers;
    const [image, caption] = await Promise.all([
      this.imageSource(vision, epoch).inputs(
        filled.map(({ image }) => image),
        rows,
      ),
      text.trainSource.inputs(
        filled.map(({ caption }) => caption),
        rows,
      ),
    ]);
    // A negative key tells the loss that a row is padding.
    const keys = (of: (pair: Pair) => number): Int32Array => {
      const result = new Int32Array(rows).fill(-1);
      result.set(pairs.map(of));
      return result;
    };
    return pickInputs(this.inputNames, {
      ...image,
      ...caption,
      [CLIP_INPUTS.imageKeys]: keys((pair) => pair.image),
      [CLIP_INPUTS.textKeys]: keys((pair) => pair.caption),
    });
  }

  comparesAnything(batch: readonly number[]): boolean {
    const pairs = batch.map((index) => this.pair(index));
    const [first] = pairs;
    return pairs.some((pair) => pair.image !== first?.image && pair.caption !== first?.caption);
  }

  async logitScale(): Promise<number> {
    return Math.exp(await this.logLogitScale());
  }

  async evaluate(between: () => Promise<void>): Promise<TaskEvaluation | null> {
    const { gallery, options } = this;
    if (gallery.images.length === 0) return null;
    const width = options.model.config.projectionSize;
    const features: GalleryFeatures = {
      images: await this.towers.vision.features.run(gallery.images, between),
      captions: await this.towers.text.features.run(gallery.captions, between),
      width,
    };
    const { batchSize, labelSmoothing } = options.recipe;
    const logitScale = await this.logLogitScale();
    const { metrics, ranks } = await scoreGallery(
      gallery,
      features,
      { logitScale, batchSize, labelSmoothing },
      between,
    );
    if (this.baseline === null) {
      const places = chooseProbes(gallery, ranks);
      this.baseline = { places, probes: runProbes(gallery, features, places) };
    }
    const probes = pairProbes(this.baseline.probes, runProbes(gallery, features, this.baseline.places));
    return { metrics, probes };
  }

  dispose(): void {
    for (const tower of Object.values(this.towers)) tower.dispose();
  }

  private imageSource(vision: TowerSetup, epoch: number): SampleSource {
    const { augmented, view } = this.options;
    if (augmented === null) return vision.trainSource;
    return viewSource(augmented.side, view.images.length, (image) => augmented.view(image, epoch));
  }

  private pair(index: number): Pair {
    const pair = this.pairs[index];
    if (pair === undefined) throw new Error(`There is no training pair ${index}.`);
    return pair;
  }

  private async logLogitScale(): Promise<number> {
    const { store, lock } = this.options.device;
    const values = await lock.run(() => store.read([LOGIT_SCALE]));
    return values.get(LOGIT_SCALE)?.[0] ?? NaN;
  }
}

/** How one tower is entered in training and in evaluation. */
interface TowerSetup {
  readonly trainFrom: Stage;
  /** What enters `trainFrom`, by image or caption of the view. */
  readonly trainSource: SampleSource;
  /** From samples to features, starting above the frozen layers where these are cached. */
  readonly features: TowerPass;
  /** Bytes that the cache of frozen outputs may grow to. */
  readonly bytes: number;
  /** True where frozen outputs are too large to keep. */
  readonly overBudget: boolean;
  readonly dispose: () => void;
}

interface TowerSetupOptions {
  readonly model: ModelHandle;
  readonly device: Device;
  readonly tower: Tower;
  readonly source: SampleSource;
  readonly tokens: number;
  readonly rows: number;
  readonly groups: ReadonlySet<string>;
  readonly budget: number;
  /** Samples differ from epoch to epoch in training, so that only evaluation can use the cache. */
  readonly changing: boolean;
}

async function towerSetup(options: TowerSetupOptions): Promise<TowerSetup> {
  const { model, tower, source, groups, budget, changing } = options;
  const lowest = firstTrainableStage(model.config, tower, groups);
  const bytes = FrozenPrefix.bytes(options, lowest, source.count);
  if (lowest === 'embeddings' || bytes > budget) {
    const features = await TowerPass.create(options, 'embeddings', 'features');
    const overBudget = lowest !== 'embeddings';
    return {
      trainFrom: 'embeddings',
      trainSource: source,
      features,
      bytes: 0,
      overBudget,
      dispose: () => features.dispose(),
    };
  }
  const prefix = await FrozenPrefix.create(options, lowest);
  const features = await TowerPass.create({ ...options, source: prefix }, lowest, 'features');
  return {
    trainFrom: changing ? 'embeddings' : lowest,
    trainSource: changing ? source : prefix,
    features,
    bytes,
    overBudget: false,
    dispose: () => {
      features.dispose();
      prefix.dispose();
    },
  };
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
  if (vision.overBudget || textTower.overBudget) {
    notes.push('The outputs of the frozen layers are too large to keep in memory and are computed anew in every step.');
  }
  return notes;
}
