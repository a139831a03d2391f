import { captionKey } from '../../dataset/caption-groups';
import { columnsWithRole, columnWithRole, labelOf, labelsOf, numberIn } from '../../dataset/columns';
import type { Column, Dataset, SampleRecord } from '../../dataset/types';
import { StudioError } from '../../protocol/errors';
import type { Recipe } from '../../recipe/schema';
import { sha256 } from '../sha256';
import { datasetView, type DatasetView } from './dataset-view';
import { readRecords } from './dataset-records';

/**
 * A dataset as a task with a head sees it: samples of which is known what they are to be taken for. What is wanted stands in the place of captions, so
 * that equal data is what trains equally.
 */
export interface TaughtView extends DatasetView {
  /** Samples of which nothing is wanted, or of which there is nothing to read. They take no part. */
  readonly unlabelled: number;
  /** Of each sample, the labels that are wanted; none where numbers are. */
  readonly labels: readonly (readonly string[])[];
  /** Of each sample, the numbers that are wanted, by the columns; NaN where one is missing. */
  readonly numbers: readonly (readonly number[])[];
  /** The columns of the numbers. */
  readonly columns: readonly string[];
  /** Of each sample, the words that are read: its captions; none where words are not read or there are none. */
  readonly words: readonly (readonly string[])[];
}

/** A view that such a task has loaded. @throws Error for one of another task */
export function taughtOf(view: DatasetView): TaughtView {
  if ('labels' in view && 'words' in view) return view as TaughtView;
  throw new Error('This view was not loaded for a task with a head.');
}

/** A sample with what is wanted of it. */
interface Taught {
  readonly record: SampleRecord;
  readonly labels: readonly string[];
  readonly numbers: readonly number[];
  readonly said: string;
}

type TaughtTask = Pick<Recipe, 'task'>;

/** @throws DatasetError `not-found`; StudioError `too-few` where nothing is wanted of any sample */
export async function loadTaughtView(datasetId: string, recipe: TaughtTask): Promise<TaughtView> {
  const { dataset, items } = await readRecords(datasetId);
  return taughtView(dataset, items, recipe);
}

export async function taughtView(
  dataset: Dataset,
  records: readonly SampleRecord[],
  { task }: TaughtTask,
): Promise<TaughtView> {
  const input = 'input' in task ? task.input : 'picture';
  const columns = task.type === 'regression' ? columnsWithRole(dataset, 'number') : [];
  const wanted = records.flatMap((record): Taught[] => {
    const taught = task.type === 'regression' ? numbersOf(record, columns) : labelsIn(dataset, record, task);
    const readable = input !== 'words' || record.captions.length > 0;
    return taught === null || !readable ? [] : [taught];
  });
  if (wanted.length === 0) throw nothingWanted(dataset, task, input);
  const recordOf = new Map(wanted.map((taught) => [taught.record, taught]));
  const stripped = new Map(wanted.map(({ record, said }) => [{ ...record, captions: [said] }, record]));
  const view = await datasetView(dataset, [...stripped.keys()]);
  const taught = view.images.map((image) => recordOf.get(stripped.get(image) ?? image));
  const words = taught.map((each) => (input === 'picture' ? [] : (each?.record.captions ?? [])));
  return {
    ...view,
    fingerprint: input === 'picture' ? view.fingerprint : await sha256(JSON.stringify([view.fingerprint, words])),
    unlabelled: records.length - wanted.length,
    labels: taught.map((each) => each?.labels ?? []),
    numbers: taught.map((each) => each?.numbers ?? []),
    columns: columns.map(({ name }) => name),
    words,
  };
}

function labelsIn(dataset: Dataset, record: SampleRecord, task: Recipe['task']): Taught | null {
  if (task.type === 'classification' && task.labelKind === 'several') {
    const labels = splitLabels(labelsOf(dataset, record), task.labelSeparator);
    return labels.length === 0 ? null : { record, labels, numbers: [], said: labels.join(' · ') };
  }
  const label = labelOf(dataset, record)?.trim() ?? '';
  return label === '' ? null : { record, labels: [label], numbers: [], said: label };
}

/** The labels of a sample, each once; a text that holds several is split where a separator stands. */
function splitLabels(texts: readonly string[], separator: string): readonly string[] {
  const all = separator === '' ? texts : texts.flatMap((text) => text.split(separator));
  const labels = all.map((label) => label.trim()).filter((label) => label !== '');
  return [...new Map(labels.map((label) => [captionKey(label), label])).values()];
}

function numbersOf(record: SampleRecord, columns: readonly Column[]): Taught | null {
  const known = columns.map((column) => numberIn(record, column) ?? NaN);
  if (known.every((value) => Number.isNaN(value))) return null;
  return { record, labels: [], numbers: known, said: known.map(String).join(' · ') };
}

function nothingWanted(dataset: Dataset, task: Recipe['task'], input: string): StudioError {
  const what = task.type === 'regression' ? 'number' : 'label';
  const why =
    columnWithRole(dataset, what) === null
      ? `"${dataset.name}" has no column with ${what}s`
      : `No picture of "${dataset.name}" has a ${what}${input === 'words' ? ' and a caption' : ''}`;
  const how =
    what === 'label'
      ? 'Add pictures in folders of their classes, or a table with a column of labels; a column is made one of labels on the Data page.'
      : 'Add a table with a column of numbers; a column is made one of numbers on the Data page.';
  return new StudioError('too-few', `${why}. ${how}`);
}

/** Names of classes in order, and of each sample the places of its labels among them. */
export interface Classes {
  readonly classes: readonly string[];
  readonly targets: readonly (readonly number[])[];
}

/**
 * The classes of a view: those that are named, in that order, and behind them all others in natural order, in which numbers go by their value.
 *
 * @param order labels in the order that is wanted, separated by commas
 */
export function classesIn({ labels }: Pick<TaughtView, 'labels'>, order = ''): Classes {
  const collator = new Intl.Collator('en', { numeric: true });
  const known = new Map<string, string>();
  for (const label of labels.flat()) {
    const key = captionKey(label);
    if (!known.has(key)) known.set(key, label);
  }
  const named = new Map(order.split(',').map((label, place) => [captionKey(label), place]));
  const seen = [...known.entries()].map(([key, label], index) => ({ key, label, index }));
  const rank = (key: string): number => named.get(key) ?? named.size;
  const sorted = seen.sort(
    (a, b) => rank(a.key) - rank(b.key) || collator.compare(a.label, b.label) || a.index - b.index,
  );
  const placeOf = new Map(sorted.map(({ key }, place) => [key, place]));
  return {
    classes: sorted.map(({ label }) => label),
    targets: labels.map((own) => own.map((label) => placeOf.get(captionKey(label)) ?? -1)),
  };
}
