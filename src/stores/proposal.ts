import { captionKey } from '../dataset/caption-groups';
import { columnsWithRole, columnWithRole, labelsOf, numberIn, questionsOf } from '../dataset/columns';
import type { Dataset, SampleRecord } from '../dataset/types';
import type { ModelSummary } from '../protocol/models';
import { typesFor, type RecipeChange } from '../recipe/fields';
import { tasks, type TaskId } from '../tasks';

/** A task that fits the columns of a dataset. */
export interface Proposal {
  readonly task: TaskId;
  /** A sentence: what there is in the columns, and what can be learnt of it. */
  readonly because: string;
  /** What the button that takes it says. */
  readonly action: string;
  /** Fields of the recipe besides the task. */
  readonly change: RecipeChange;
}

/** What a model must be able to do to be taught a task, and the model that ships with the studio and can. */
const needs: Readonly<Record<string, { readonly kind: ModelSummary['tasks'][number]; readonly embedded: string }>> = {
  contrastive: { kind: 'contrastive', embedded: 'seed-clip' },
  classification: { kind: 'classification', embedded: 'seed-clip' },
  regression: { kind: 'classification', embedded: 'seed-clip' },
  captioning: { kind: 'captioning', embedded: 'seed-blip' },
  answering: { kind: 'answering', embedded: 'seed-blip' },
};

/** The embedded model to take in place of one that cannot be taught the task; null where it can. */
export function modelFor(task: TaskId, model: Pick<ModelSummary, 'tasks'> | null): string | null {
  const need = needs[task];
  if (need === undefined || model === null || model.tasks.includes(need.kind)) return null;
  return need.embedded;
}

/** A class is told apart by at least so many samples on average, of which each may belong to several; else the labels are names. */
const samplesOfClass = 2;
/** Captions in which their own label is said at most so often are read beside the picture: they do not give it away. */
const saidLabels = 0.1;

/**
 * The task that fits the columns of a dataset: questions with answers are answered, labels told apart, numbers rated; captions alone are matched with
 * their pictures, or written by a model that can write and not match. Null where nothing can be taught.
 */
export function proposedTask(
  dataset: Dataset,
  all: readonly SampleRecord[],
  model: Pick<ModelSummary, 'tasks'> | null,
): Proposal | null {
  const images = all.filter(({ excluded }) => excluded !== true);
  const fitting = [askedOf(dataset, images), labelledBy(dataset, images), ratedBy(dataset, images)];
  return fitting.find((proposal) => proposal !== null) ?? captionedBy(images, model);
}

function askedOf(dataset: Dataset, images: readonly SampleRecord[]): Proposal | null {
  const [question, answer] = [columnWithRole(dataset, 'question'), columnWithRole(dataset, 'answer')];
  if (question === null || answer === null || !isKnown('answering')) return null;
  const asked = new Set<string>();
  let captioned = 0;
  for (const image of images) {
    const own = questionsOf(dataset, image).filter(({ answers }) => answers.length > 0);
    for (const each of own) asked.add(captionKey(each.question));
    if (own.length > 0 && image.captions.length > 0) captioned += 1;
  }
  // The same request everywhere, answered by the caption, is captioning in other words.
  if (asked.size === 0 || (asked.size === 1 && captioned > 0)) return null;
  return {
    task: 'answering' as TaskId,
    because: `“${question.name}” and “${answer.name}” hold questions and their answers, so a model can learn to answer.`,
    action: 'Answer questions',
    change: {},
  };
}

function labelledBy(dataset: Dataset, images: readonly SampleRecord[]): Proposal | null {
  const column = columnWithRole(dataset, 'label');
  if (column === null) return null;
  const classes = new Set<string>();
  let [labelled, given, several, captioned, said] = [0, 0, 0, 0, 0];
  const captions = new Set<string>();
  for (const image of images) {
    const labels = labelsOf(dataset, image).map(captionKey);
    if (labels.length === 0) continue;
    labelled += 1;
    given += labels.length;
    if (labels.length > 1) several += 1;
    for (const label of labels) classes.add(label);
    const [caption] = image.captions;
    if (caption === undefined) continue;
    captioned += 1;
    captions.add(captionKey(caption));
    if (labels.some((label) => captionKey(caption).includes(label))) said += 1;
  }
  if (classes.size < 2 || given < samplesOfClass * classes.size) return null;
  const both = captioned > labelled / 2 && said <= saidLabels * captioned && captions.size * 2 > captioned;
  const what = `“${column.name}” holds labels, ${classes.size} different ones`;
  return {
    task: 'classification',
    because: both
      ? `${what}, which the captions do not say: a model can learn to tell them from pictures and words together.`
      : `${what}, so a model can learn to tell them apart.`,
    action: `Classify by “${column.name}”`,
    change: {
      ...(both ? { input: 'both', head: 'mlp' } : {}),
      ...(several > 0 ? { labelKind: 'several' } : {}),
    },
  };
}

function ratedBy(dataset: Dataset, images: readonly SampleRecord[]): Proposal | null {
  const columns = columnsWithRole(dataset, 'number').filter(
    (column) => new Set(images.map((image) => numberIn(image, column)).filter((number) => number !== null)).size > 1,
  );
  if (columns.length === 0 || !isKnown('regression')) return null;
  const names = columns.map(({ name }) => `“${name}”`).join(', ');
  return {
    task: 'regression' as TaskId,
    because: `${names} ${columns.length === 1 ? 'holds' : 'hold'} numbers, which a model can learn to tell from the pictures.`,
    action: `Predict ${names}`,
    change: {},
  };
}

function captionedBy(images: readonly SampleRecord[], model: Pick<ModelSummary, 'tasks'> | null): Proposal | null {
  if (images.every(({ captions }) => captions.length === 0)) return null;
  const writes = model?.tasks.includes('captioning') === true && !model.tasks.includes('contrastive');
  return writes && isKnown('captioning')
    ? {
        task: 'captioning' as TaskId,
        because:
          'The pictures have captions, and the model writes words, so it can learn to caption pictures like these.',
        action: 'Caption pictures',
        change: {},
      }
    : {
        task: 'contrastive',
        because: 'The pictures have captions, so a model can learn to match pictures and words.',
        action: 'Match pictures and words',
        change: {},
      };
}

/** True for a task that the studio can teach. */
function isKnown(task: string): boolean {
  return Object.hasOwn(tasks, task) && typesFor('task').includes(task);
}
