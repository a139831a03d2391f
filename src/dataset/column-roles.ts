import { storing } from '../storage/storing';
import { columnWithRole, isFieldColumn, isShared, textIn, textsOf, valueIn } from './columns';
import { DatasetError } from './errors';
import { unlessImporting } from './holds';
import { captionsWithin } from './limits';
import { cleanCaptions } from './readers/reader';
import { checked, datasetRecord, sampleReader, sampleRecord } from './records';
import { countChange, tellChange } from './revision';
import { splitNamed } from './split-names';
import { checkedDataset } from './storage';
import { pictureOf } from './sample';
import type { Column, ColumnRole, FieldValue, SampleRecord } from './types';

/**
 * Gives a column of a dataset another role; whichever held the role before is kept with `none`, unless several may hold it. Picture, captions and split have a place of
 * their own in a sample, so that their columns give up their role only to another. Where one becomes the captions or the split, its values move
 * there, and those that were there become fields of the column that held the role: it can be undone by giving the role back.
 * @throws DatasetError `not-found`; `unfit` for a column that cannot hold the role; `busy` while pictures are added
 */
export async function setColumnRole(datasetId: string, name: string, role: ColumnRole): Promise<void> {
  if (role === 'caption') await unlessImporting(datasetId, () => writeRole(datasetId, name, role, intoCaptions));
  else if (role === 'split') await unlessImporting(datasetId, () => writeRole(datasetId, name, role, intoSplit));
  else await writeRole(datasetId, name, role, null);
}

/** A sample whose values in a column have moved to the place of the column `before`. */
type Move = (sample: SampleRecord, column: Column, before: Column) => SampleRecord;

function intoCaptions(sample: SampleRecord, column: Column, before: Column): SampleRecord {
  const texts = textsOf(valueIn(sample, column));
  const others = otherFields(sample, column);
  const [only, ...more] = sample.captions;
  const old: FieldValue | undefined = more.length > 0 ? sample.captions : only;
  return {
    ...sample,
    captions: [...captionsWithin(cleanCaptions(texts)).captions],
    fields: old === undefined ? others : { ...others, [before.name]: old },
  };
}

/** A sample of which the column says nothing stays in its part. */
function intoSplit(sample: SampleRecord, column: Column, before: Column): SampleRecord {
  const value = valueIn(sample, column);
  const text = textIn(sample, column);
  const split = text === null ? null : splitNamed(text);
  if (split === null && value !== null) {
    throw new DatasetError(
      'unfit',
      `“${column.name}” says “${String(value)}” of ${pictureOf(sample).path}, which is no part: training, validation or test. The pictures stay in the parts in which they are.`,
    );
  }
  return {
    ...sample,
    split: split ?? sample.split,
    fields: { ...otherFields(sample, column), [before.name]: sample.split },
  };
}

function otherFields({ fields }: SampleRecord, { name }: Column): SampleRecord['fields'] {
  return Object.fromEntries(Object.entries(fields).filter(([own]) => own !== name));
}

async function writeRole(datasetId: string, name: string, role: ColumnRole, move: Move | null): Promise<void> {
  await storing(async (db) => {
    const transaction = db.transaction(['datasets', 'images'], 'readwrite');
    const datasets = transaction.objectStore('datasets');
    const dataset = checkedDataset(await datasets.get(datasetId));
    const column = dataset.columns.find((own) => own.name === name);
    if (column === undefined) {
      throw new DatasetError(
        'not-found',
        `There is no column “${name}” any more. Reload the page to see the dataset as it is.`,
      );
    }
    if (column.role === role) return;
    if (!isFieldColumn(column) || role === 'image') {
      throw new DatasetError('unfit', `The role of “${name}” goes to another column by being given to that.`);
    }
    const before = role === 'none' || isShared(role) ? null : columnWithRole(dataset, role);
    const images = transaction.objectStore('images');
    const range = IDBKeyRange.bound([datasetId, 0], [datasetId, Number.POSITIVE_INFINITY]);
    const moved =
      move === null || before === null
        ? []
        : checked(await images.index('by-dataset').getAll(range), sampleReader).items.map((sample) =>
            move(sample, column, before),
          );
    const columns = dataset.columns.map((own) => {
      if (own === column) return { name, role };
      return own === before ? { name: own.name, role: 'none' as const } : own;
    });
    await datasets.put(datasetRecord({ ...dataset, columns }), datasetId);
    const [counted] = await Promise.all([
      countChange(datasets, datasetId),
      ...moved.map((sample) => images.put(sampleRecord(sample), sample.id)),
      transaction.done,
    ]);
    tellChange(counted);
  });
}
