import type { StepReading } from '../../../engine/executor';
import { differentiate, type TrainingProgram } from '../../../engine/graph/differentiate';
import { tensorNames, trainableValues } from '../../../model/architecture';
import { wordLossGraph } from '../../../model/generator-graph';
import { forcedWords, questionInputs } from '../../../model/teacher-forcing';
import { lossOutput } from '../../../model/pair-graph';
import type { Recipe } from '../../../recipe/schema';
import { trainableGroups } from '../../../recipe/trainable';
import { StudioError } from '../../../protocol/errors';
import type { TaskDescription } from '../../../tasks/description';
import type { Metrics } from '../../../tasks/metrics';
import type { WrittenSample } from '../../../tasks/words/predictions';
import { cacheBudget, evaluationRows } from '../../budgets';
import { imagesOf, type DatasetView } from '../../data/dataset-view';
import { microBatchRows } from '../../data/plan';
import { graphInputs, pickInputs } from '../../features/tower';
import { towerSetup, type TowerSetup } from '../../features/tower-setup';
import { changingPictures, plainPictures } from '../../features/training-pictures';
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
import { spread, type Example, type Subject } from './examples';
import { TokenLists, wordTaskOf, type WordTask } from './frame';
import { prompted, SubjectPass, type WrittenTexts } from './subject-pass';

/** What differs between captions and answers. */
export interface WordKind {
  readonly description: TaskDescription<readonly WrittenSample[], null>;
  /** What is learned, and written, of some pictures. */
  examples(view: DatasetView, images: readonly number[]): readonly Example[];
  subjects(view: DatasetView, images: readonly number[]): readonly Subject[];
  measured(written: WrittenTexts): Measured;
  /** What there is to know of the data, for reports. */
  about(view: DatasetView): Metrics;
  /** What is counted while texts are written. */
  readonly counted: TaskWork['of'];
}

/** Validation samples that are shown at every evaluation. */
const shownSamples = 8;

/**
 * A model that writes words, taught by teacher forcing: each next token of a text from those before it and the picture, or the question about the
 * picture. At evaluations it writes for a fixed lot of the validation samples by itself. What lies below the lowest trained layer of the image tower
 * is computed once per picture, or once per view of it.
 */
export class WordsTask implements TrainingTask {
  readonly description;
  readonly program: TrainingProgram;
  readonly clamp = {};
  readonly trainable: readonly string[];
  readonly own = [];
  readonly labels = null;
  readonly notes: readonly string[];
  private readonly inputNames: ReadonlySet<string>;
  private readonly tokens: number;
  private readonly questionTokens: number | null;
  private baseline: {
    readonly measured: Measured;
    readonly texts: WrittenTexts;
    readonly shown: readonly number[];
  } | null = null;

  private constructor(
    private readonly kind: WordKind,
    private readonly options: TaskOptions,
    private readonly task: WordTask,
    private readonly tower: TowerSetup,
    private readonly train: Taught,
    private readonly evaluated: SubjectPass | null,
    groups: ReadonlySet<string>,
  ) {
    const { model, plan, recipe } = options;
    this.description = kind.description;
    this.tokens = train.texts.decoderTokens;
    this.questionTokens = train.questions?.longest ?? null;
    const graph = wordLossGraph(task.architecture, {
      batch: microBatchRows(plan),
      tokens: this.tokens,
      ...(this.questionTokens === null ? {} : { questionTokens: this.questionTokens }),
      from: tower.trainFrom,
      normalization: model.normalization,
      squareSide: tower.trainSource(0).squareSide,
      attentionDropout: recipe.attentionDropout,
      labelSmoothing: task.labelSmoothing,
      reduction: this.weighted ? 'sum' : 'mean',
    });
    const names = tensorNames(model.architecture, groups);
    const loss = graph.outputs[lossOutput];
    if (loss === undefined) throw new Error('The training graph has no loss.');
    this.program = differentiate(graph, loss, trainableValues(graph, names));
    // Of the model's tensors some, such as those that read questions, may have no part in it.
    this.trainable = graph.parameters
      .flatMap(({ parts }) => parts.map(({ name }) => name))
      .filter((name) => names.has(name));
    if (this.trainable.length === 0) {
      throw new StudioError(
        'nothing-trained',
        'Every layer that the task makes use of is frozen, so there is nothing to train. Switch some layers on.',
      );
    }
    this.inputNames = graphInputs(graph);
    this.notes = [...notesOnCut(train), ...notesOnKept([tower])];
  }

  /** @throws StudioError `nothing-trained` when the recipe freezes every layer */
  static async create(kind: WordKind, options: TaskOptions): Promise<WordsTask> {
    const { model, view, recipe, device, pixels, cache, augmented } = options;
    const task = wordTaskOf(model, recipe);
    const groups = trainableGroups(recipe.method, model.architecture.groups);
    const taught = taughtOf(model, task, kind.examples(view, imagesOf(view, 'train')));
    const subjects = spread(kind.subjects(view, imagesOf(view, 'validation')), task.written);
    const made: { dispose(): void }[] = [];
    try {
      const tower = await towerSetup({
        model,
        device,
        tower: 'vision',
        reading: 'tokens',
        tokens: 0,
        rows: evaluationRows,
        groups,
        cache,
        source: plainPictures(model, view.images, pixels),
        train: imagesOf(view, 'train'),
        validation: [...new Set(subjects.map(({ image }) => image))],
        changing: changingPictures(view.images, augmented, recipe),
        budget: options.cacheBudget ?? cacheBudget,
      });
      made.push(tower);
      const evaluated =
        subjects.length === 0 ? null : await SubjectPass.create({ model, task, device, subjects, of: kind.counted });
      if (evaluated !== null) made.push(evaluated);
      return new WordsTask(kind, options, task, tower, taught, evaluated, groups);
    } catch (error) {
      for (const part of made) part.dispose();
      throw error;
    }
  }

  batches(epoch: number): readonly (readonly number[])[] {
    const { plan, recipe } = this.options;
    const { stepsPerEpoch } = plan;
    const drawn = shuffled([...this.train.examples.keys()], createRandom(mixSeed(recipe.seed, epoch)));
    const edge = (step: number): number => Math.floor((step * drawn.length) / stepsPerEpoch);
    return Array.from({ length: stepsPerEpoch }, (_, step) => drawn.slice(edge(step), edge(step + 1)));
  }

  async inputs(batch: readonly number[], epoch: number): Promise<BatchInputs> {
    const { plan } = this.options;
    const { architecture, labels, promptIds } = this.task;
    const { examples, texts, questions } = this.train;
    const rows = plan.microBatches * microBatchRows(plan);
    // Rows beyond the batch show its first picture, and count nothing.
    const places = Array.from({ length: rows }, (_, row) => batch[row] ?? batch[0] ?? 0);
    const of = (lists: TokenLists): readonly ArrayLike<number>[] => batch.map((place) => lists.ids[place] ?? []);
    const asked = new Set(batch.map((place) => `${examples[place]?.image} ${examples[place]?.question}`)).size;
    const forced = forcedWords(architecture, of(texts), {
      labels,
      tokens: this.tokens,
      rows,
      promptTokens: promptIds.length,
      ...(this.weighted ? { weights: batch.map((place) => (examples[place]?.weight ?? 0) / asked) } : {}),
    });
    const questionData =
      questions === null
        ? {}
        : questionInputs(architecture, of(questions), { labels, tokens: questions.longest, rows });
    const pictures = await this.tower.trainSource(epoch).inputs(
      places.map((place) => examples[place]?.image ?? 0),
      rows,
    );
    return { data: pickInputs(this.inputNames, { ...pictures, ...forced, ...questionData }), trivial: false };
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
    const { evaluated, kind, options } = this;
    if (evaluated === null) return null;
    const texts = await evaluated.run((images) => this.tower.features.run(images), between);
    const measured = kind.measured(texts);
    const metrics = measured.measure(everyPlace(texts.subjects.length));
    if (this.baseline === null) {
      const shown = chooseShown(measured, texts.subjects.length);
      this.baseline = { measured, texts, shown };
      return { metrics, change: null, predictions: this.predictions(shown, texts, texts) };
    }
    const { view } = options;
    const records = texts.subjects.flatMap(({ image }) => view.images[image] ?? []);
    const groups = groupsOf(records, view.dataset, tiedByPicture(texts.subjects));
    const names = resampledNames(kind.description);
    const change = await changeBetween(this.baseline.measured, measured, { groups, names, pause: () => between() });
    return { metrics, change, predictions: this.predictions(this.baseline.shown, this.baseline.texts, texts) };
  }

  dispose(): void {
    this.evaluated?.dispose();
    this.tower.dispose();
  }

  /** Answers as LAVIS has them: each question counts the same, and its answers by how many gave them. */
  private get weighted(): boolean {
    return this.questionTokens !== null && this.task.labels === 'lavis';
  }

  private predictions(shown: readonly number[], base: WrittenTexts, tuned: WrittenTexts): readonly WrittenSample[] {
    const { view } = this.options;
    return shown.flatMap((place) => {
      const subject = base.subjects[place];
      const record = view.images[subject?.image ?? -1];
      if (subject === undefined || record === undefined) return [];
      return [
        {
          imageId: record.id,
          question: subject.question,
          wanted: [...new Set(subject.references)],
          base: base.said[place] ?? '',
          tuned: tuned.said[place] ?? '',
        },
      ];
    });
  }
}

/** Samples of one picture are no separate evidence. @returns per subject, the number of its picture among them */
export function tiedByPicture(subjects: readonly Pick<Subject, 'image'>[]): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from(subjects, ({ image }) => {
    const number = numbers.get(image) ?? numbers.size;
    numbers.set(image, number);
    return number;
  });
}

/** For how many samples of the validation split texts are written at each evaluation. */
export function writtenSubjects(kind: WordKind, view: DatasetView, { task }: Pick<Recipe, 'task'>): number {
  const { length } = kind.subjects(view, imagesOf(view, 'validation'));
  const most = 'writtenSamples' in task ? task.writtenSamples : 0;
  return most === 0 ? length : Math.min(most, length);
}

/** What is learned, as token ids. */
interface Taught {
  readonly examples: readonly Example[];
  readonly texts: TokenLists;
  /** Null where nothing is asked. */
  readonly questions: TokenLists | null;
}

function taughtOf(model: TaskOptions['model'], task: WordTask, examples: readonly Example[]): Taught {
  const asks = examples.some(({ question }) => question !== null);
  return {
    examples,
    texts: new TokenLists(
      model,
      examples.map(({ text }) => prompted(task, text)),
    ),
    questions: asks
      ? new TokenLists(
          model,
          examples.map(({ question }) => question ?? ''),
        )
      : null,
  };
}

function notesOnCut({ texts, questions }: Taught): readonly string[] {
  const note = (cut: number, one: string, many: string): readonly string[] => {
    if (cut === 0) return [];
    return [
      cut === 1
        ? `One ${one} is longer than the model can read and cut at its end.`
        : `${cut} ${many} are longer than the model can read and cut at their ends.`,
    ];
  };
  const [one, many] = questions === null ? ['caption', 'captions'] : ['answer', 'answers'];
  return [...note(texts.truncated, one, many), ...note(questions?.truncated ?? 0, 'question', 'questions')];
}

/** Places of samples worth watching: half that the base model gets wrong, or does worst at, half that it does best at, spread over all. */
function chooseShown(measured: Measured, samples: number): readonly number[] {
  const places = [...everyPlace(samples)].sort(
    (a, b) => measured.outcome(a).score - measured.outcome(b).score || a - b,
  );
  const half = Math.ceil(places.length / 2);
  const worse = spread(places.slice(0, half), shownSamples / 2);
  const better = spread(places.slice(half), shownSamples - worse.length);
  return [...worse, ...better].sort((a, b) => a - b);
}
