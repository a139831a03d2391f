import { columnWithRole, labelOf } from '../../dataset/columns';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { StudioError } from '../../protocol/errors';
import { datasetView, type DatasetView } from './dataset-view';
import { readRecords } from './dataset-records';

/** A dataset as classification sees it: pictures that have a label, which stands in the place of captions, so that each class is one of those. */
export interface LabelledView extends DatasetView {
  /** Pictures without a label, which take no part. */
  readonly unlabelled: number;
}

/** @throws DatasetError `not-found`; StudioError `too-few` where there is no label column, or no picture has a label */
export async function loadLabelledView(datasetId: string): Promise<LabelledView> {
  const { dataset, items } = await readRecords(datasetId);
  return labelledView(dataset, items);
}

export async function labelledView(dataset: Dataset, records: readonly SampleRecord[]): Promise<LabelledView> {
  const labelled = records.flatMap((record): SampleRecord[] => {
    const label = labelOf(dataset, record)?.trim() ?? '';
    return label === '' ? [] : [{ ...record, captions: [label] }];
  });
  if (labelled.length === 0) {
    const why =
      columnWithRole(dataset, 'label') === null
        ? `"${dataset.name}" has no column with labels`
        : `No picture of "${dataset.name}" has a label`;
    throw new StudioError(
      'too-few',
      `${why}. Add pictures in folders of their classes, or a table with a column of labels; a column is made one of labels on the Data page.`,
    );
  }
  return { ...(await datasetView(dataset, labelled)), unlabelled: records.length - labelled.length };
}

/** The names of the classes in alphabetical order, and each picture's place among them. */
export function classesOf(view: DatasetView): {
  readonly classes: readonly string[];
  readonly targets: readonly number[];
} {
  const collator = new Intl.Collator('en', { numeric: true });
  const order = [...view.captions.keys()].sort(
    (a, b) => collator.compare(view.captions[a] ?? '', view.captions[b] ?? '') || a - b,
  );
  const placeOf = new Map(order.map((caption, place) => [caption, place]));
  return {
    classes: order.map((caption) => view.captions[caption] ?? ''),
    targets: view.captionsOf.map(([caption]) => placeOf.get(caption ?? -1) ?? 0),
  };
}
