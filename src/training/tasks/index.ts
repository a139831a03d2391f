import type { Recipe } from '../../recipe/schema';
import { taskIdOf, type TaskId } from '../../tasks';
import { imagesOf, loadDatasetView, type DatasetView } from '../data/dataset-view';
import { loadTaughtView } from '../data/taught-view';
import { loadQuestionView } from '../data/question-view';
import type { OwnValues } from '../features/weight-store';
import { answers } from './answering';
import { captions } from './captioning';
import { ContrastiveTask } from './contrastive/contrastive';
import { pairMemory } from './contrastive/memory';
import { retrievalReport } from './contrastive/report';
import { lossTensors } from './contrastive/sigmoid-bias';
import { classificationTask, classifierTensors } from './classification/classification';
import { classifierMemory } from './classification/memory';
import { classificationReport } from './classification/report';
import type { MemoryQuestion, TaskMemory } from './memory';
import { regressionMemory } from './regression/memory';
import { regressionTask, regressionTensors } from './regression/regression';
import { regressionReport } from './regression/report';
import type { ReportOptions, TaskReport } from './report';
import type { TaskOptions, TrainingTask } from './task';
import { wordMemory } from './words/memory';
import { wordReport } from './words/report';
import { writtenSubjects, WordsTask, type WordKind } from './words/words';

/** The worker's half of a task. */
export interface TaskWorker {
  /**
   * What of a dataset takes part in what a recipe teaches.
   *
   * @throws DatasetError `not-found`; StudioError `too-few` where nothing does
   */
  readonly load: (datasetId: string, recipe: Pick<Recipe, 'task'>) => Promise<DatasetView>;
  /** Tensors that it adds to the model, as they are before the task is created. */
  readonly own: (options: Pick<TaskOptions, 'model' | 'view' | 'recipe'>) => readonly OwnValues[];
  readonly create: (options: TaskOptions) => Promise<TrainingTask>;
  readonly memory: (question: MemoryQuestion) => TaskMemory;
  /** How many samples an evaluation of a run goes through. */
  readonly evaluated: (view: DatasetView, recipe: Pick<Recipe, 'task'>) => number;
  readonly report: (options: ReportOptions) => Promise<TaskReport>;
}

const workers: Readonly<Record<TaskId, TaskWorker>> = {
  contrastive: {
    load: (datasetId) => loadDatasetView(datasetId),
    own: ({ model, recipe }) => lossTensors(recipe, model.architecture),
    create: (options) => ContrastiveTask.create(options),
    memory: pairMemory,
    evaluated: validationImages,
    report: retrievalReport,
  },
  classification: {
    load: loadTaughtView,
    own: classifierTensors,
    create: classificationTask,
    memory: classifierMemory,
    evaluated: validationImages,
    report: classificationReport,
  },
  regression: {
    load: loadTaughtView,
    own: regressionTensors,
    create: regressionTask,
    memory: regressionMemory,
    evaluated: validationImages,
    report: regressionReport,
  },
  captioning: writing(captions, loadDatasetView),
  answering: writing(answers, loadQuestionView),
};

function validationImages(view: DatasetView): number {
  return imagesOf(view, 'validation').length;
}

/** The worker's half of a task in which words are written. */
function writing(kind: WordKind, load: TaskWorker['load']): TaskWorker {
  return {
    load,
    own: () => [],
    create: (options) => WordsTask.create(kind, options),
    memory: wordMemory,
    evaluated: (view, recipe) => writtenSubjects(kind, view, recipe),
    report: (options) => wordReport(kind, options),
  };
}

/** The worker's half of what a recipe teaches. */
export function workerOf(recipe: Pick<Recipe, 'task'>): TaskWorker {
  return workers[taskIdOf(recipe)];
}
