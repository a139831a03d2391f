import type { InputData } from '../../../engine/executor';
import type { Stage, Tower } from '../../../model/families/family';
import { trainableGroups } from '../../../recipe/trainable';
import { cacheBudget, evaluationRows } from '../../budgets';
import { imagesOf } from '../../data/dataset-view';
import type { TaughtView } from '../../data/taught-view';
import { towerSetup, type TowerSetup } from '../../features/tower-setup';
import { changingPictures, plainPictures } from '../../features/training-pictures';
import type { TaskOptions } from '../task';
import type { Readings } from './head-pass';
import { leftOut, type Presence } from './presence';
import type { HeadShape, HeadTask } from './shape';
import { SampleWords } from './words';

export interface ReaderOptions extends TaskOptions {
  readonly view: TaughtView;
  readonly part: HeadTask;
  readonly shape: HeadShape;
}

/** Ids of the layer groups that training changes: those that the method asks for and the head makes use of. What leads to the shared space stays as it is. */
export function usedGroups({
  model,
  recipe,
  shape,
}: Pick<ReaderOptions, 'model' | 'recipe' | 'shape'>): ReadonlySet<string> {
  const { groups } = model.architecture;
  const wanted = trainableGroups(recipe.method, groups);
  const read = new Set([shape.picture?.tower, shape.words?.tower]);
  const used = groups.filter(
    ({ id, tower, kind }) => wanted.has(id) && kind !== 'projection' && tower !== null && read.has(tower as Tower),
  );
  return new Set(used.map(({ id }) => id));
}

/** What a head reads of the samples of a view: in training above the frozen layers, in evaluation all that the towers make of them. */
export class SampleReader {
  private constructor(
    private readonly options: ReaderOptions,
    readonly picture: TowerSetup | null,
    readonly words: { readonly texts: SampleWords; readonly tower: TowerSetup } | null,
    private readonly pictureTokens: number,
  ) {}

  static async create(options: ReaderOptions): Promise<SampleReader> {
    const { model, view, recipe, device, pixels, cache, augmented, shape, part } = options;
    const groups = usedGroups(options);
    const [train, validation] = [imagesOf(view, 'train'), imagesOf(view, 'validation')];
    const budget = options.cacheBudget ?? cacheBudget;
    const common = { model, device, rows: evaluationRows, groups, cache };
    const texts = shape.words === null ? null : new SampleWords(model, view.words);
    let words: SampleReader['words'] = null;
    if (texts !== null && shape.words !== null) {
      const drawn = part.captionChoice === 'drawn';
      const first = (samples: readonly number[]) => [...new Set(samples.map((sample) => texts.first(sample)))];
      const tower = await towerSetup({
        ...common,
        tower: 'text',
        reading: shape.words.reading,
        tokens: texts.source.tokens,
        source: texts.source,
        train: drawn ? texts.all(train) : first(train),
        validation: first(validation),
        changing: null,
        budget,
      });
      words = { texts, tower };
    }
    if (shape.picture === null) return new SampleReader(options, null, words, 1);
    try {
      const { reading } = shape.picture;
      const picture = await towerSetup({
        ...common,
        tower: 'vision',
        reading,
        tokens: 0,
        source: plainPictures(model, view.images, pixels),
        train,
        validation,
        changing: changingPictures(view.images, augmented, recipe),
        budget: budget - (words?.tower.bytes ?? 0),
      });
      const [tokens] = model.architecture.stageShape('vision', 'features', { batch: 1, reading });
      return new SampleReader(options, picture, words, tokens);
    } catch (error) {
      words?.tower.dispose();
      throw error;
    }
  }

  get towers(): readonly TowerSetup[] {
    return [this.picture, this.words?.tower].flatMap((tower) => tower ?? []);
  }

  /** Tokens of words, as the text tower is given them. */
  get tokens(): number {
    return this.words?.texts.source.tokens ?? 1;
  }

  get trainFrom(): Readonly<Record<Tower, Stage>> {
    return {
      vision: this.picture?.trainFrom ?? 'features',
      text: this.words?.tower.trainFrom ?? 'features',
    };
  }

  get squareSide(): number | undefined {
    return this.picture?.trainSource(0).squareSide;
  }

  get notes(): readonly string[] {
    const cut = this.words?.texts.source.truncated ?? 0;
    return cut === 0 ? [] : [`${cut} texts are longer than the model can read and are cut at their end.`];
  }

  /** The inputs of a training step. */
  async training(
    samples: readonly number[],
    rows: number,
    epoch: number,
  ): Promise<{ readonly data: InputData; readonly presence: readonly Presence[] }> {
    const { recipe, part, view } = this.options;
    const { picture, words } = this;
    const hashes = samples.map((sample) => view.images[sample]?.hash ?? '');
    const texts = samples.map((sample, row) =>
      words === null
        ? 0
        : part.captionChoice === 'drawn'
          ? words.texts.drawn(sample, recipe.seed, epoch, hashes[row] ?? '')
          : words.texts.first(sample),
    );
    const [seen, read] = await Promise.all([
      picture?.trainSource(epoch).inputs(samples, rows),
      words?.tower.trainSource(epoch).inputs(texts, rows),
    ]);
    const presence = samples.map((sample, row) =>
      leftOut(this.presence(sample, texts[row] ?? 0), {
        share: part.modalityDropout,
        seed: recipe.seed,
        epoch,
        hash: hashes[row] ?? '',
      }),
    );
    return { data: { ...seen, ...read }, presence };
  }

  /** What the towers of now give of some samples, by their first texts. */
  async evaluated(
    samples: readonly number[],
    counted: (done: number) => Promise<void>,
  ): Promise<{ readonly readings: Readings; readonly presence: readonly Presence[] }> {
    const { picture, words } = this;
    const texts = samples.map((sample) => words?.texts.first(sample) ?? 0);
    const seen = picture === null ? null : await picture.features.run(samples, counted);
    const read = words === null ? null : await words.tower.features.run(texts, picture === null ? counted : undefined);
    const presence = samples.map((sample, place) => this.presence(sample, texts[place] ?? 0));
    return { readings: { picture: seen, words: read }, presence };
  }

  dispose(): void {
    this.picture?.dispose();
    this.words?.tower.dispose();
  }

  private presence(sample: number, text: number): Presence {
    const { words, pictureTokens } = this;
    return {
      picture: true,
      words: words?.texts.present(sample) ?? false,
      pictureTokens,
      wordTokens: words?.texts.length(text) ?? 1,
    };
  }
}
