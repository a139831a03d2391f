import { storing } from '../storage/storing';
import { isFieldColumn, joinColumns, joinedFields, questionsOf, type JoinedColumns } from './columns';
import { DatasetError } from './errors';
import { captionsWithin } from './limits';
import { mergeFields, questionColumns, type QuestionColumns } from './questions';
import {
  checked,
  datasetReader,
  datasetRecord,
  imageKey,
  sampleReader,
  sampleRecord,
  keysOf,
  pictureStores,
} from './records';
import { journalKey, rollBack, withImportLock, type ImportJournal } from './recovery';
import { countChange, tellChange } from './revision';
import { keepsTogether, splitAdded, splitOf, topUpSplits, withTies, type SplitSettings } from './split';
import { isTaught } from './taught';
import type { Dataset, SampleRecord, Split } from './types';

/** A batch is written when it holds so many pictures or bytes. */
const batchPictures = 64;
const batchBytes = 16e6;

/** A picture that was read and decoded and may be stored. */
export interface OpenedPicture extends Omit<SampleRecord, 'id' | 'datasetId' | 'order' | 'split'> {
  /** Split that the files give, if they do. */
  readonly split: Split | null;
  readonly data: ArrayBuffer;
  readonly thumbnail: Blob;
}

/** What is to be added to a stored picture. */
interface Extra {
  readonly captions: Set<string>;
  readonly fields: SampleRecord['fields'];
}

interface Pending {
  readonly record: SampleRecord;
  readonly data: ArrayBuffer;
  readonly thumbnail: Blob;
}

/**
 * The writing half of an import: finds duplicates, writes batches of one transaction each, and completes or takes back the whole. Captions of
 * duplicates are held until the end, so that a cancelled import changes no stored picture.
 */
export class ImportWriter {
  added = 0;
  duplicates = 0;
  /** Stored pictures that `addCaptions` gave captions that they did not have; final after `finish`. */
  captioned = 0;
  /** Stored pictures that got fields, or other ones, from this import; final after `finish`. */
  filled = 0;
  /** Captions stored by this import; complete after `finish`. */
  captions = 0;
  /** Added pictures of which nothing is said that could be taught; final after `finish`. */
  withoutCaption = 0;
  /** Questions stored by this import; complete after `finish`. */
  questions = 0;

  private order: number;
  private readonly asked: QuestionColumns | null;
  private batch: Pending[] = [];
  private batchSize = 0;
  private writing: Promise<void> = Promise.resolve();
  private readonly extras = new Map<string, Extra>();
  /** Keys of stored pictures that are given captions without their bytes. */
  private readonly late = new Set<string>();

  private constructor(
    readonly dataset: Dataset,
    readonly isNew: boolean,
    /** The columns that the files bring, as they join those of the dataset. */
    readonly joined: JoinedColumns,
    /** Keys of the pictures that are stored or about to be. */
    private readonly known: Set<string>,
    /** Order number of the first picture that this import adds. */
    private readonly from: number,
  ) {
    this.order = from;
    this.asked = questionColumns(joined.columns);
  }

  /**
   * Runs an import of pictures into a dataset; when it throws, all that it wrote is taken back.
   * @throws DatasetError `busy`, StorageError, or what `work` throws
   */
  static async run<Result>(
    dataset: Dataset,
    isNew: boolean,
    joined: JoinedColumns,
    work: (writer: ImportWriter) => Promise<Result>,
  ): Promise<Result> {
    const ran = await withImportLock(dataset.id, async () => {
      const { known, from } = await knownPictures(dataset.id);
      const journal: ImportJournal = { datasetId: dataset.id, from, isNew };
      await storing((db) => db.put('settings', journal, journalKey(dataset.id)));
      const writer = new ImportWriter(dataset, isNew, joined, known, from);
      try {
        return await work(writer);
      } catch (error) {
        await writer.writing.catch(() => undefined);
        await rollBack(journal);
        throw error;
      }
    });
    if (ran === null) {
      throw new DatasetError(
        'busy',
        'Another tab is adding pictures to this dataset. Wait until it has finished and try again.',
      );
    }
    return ran.value;
  }

  /** Takes a picture into the current batch; of a picture that is there already, only the captions. */
  add(picture: OpenedPicture, split: Split): void {
    const id = imageKey(this.dataset.id, picture.hash);
    if (this.known.has(id)) {
      this.duplicates += 1;
      this.join(id, picture);
      return;
    }
    this.known.add(id);
    const { data, thumbnail, ...fields } = picture;
    const record: SampleRecord = {
      ...fields,
      fields: joinedFields(fields.fields, this.joined),
      id,
      datasetId: this.dataset.id,
      split,
      order: this.order++,
    };
    this.batch.push({ record, data, thumbnail });
    this.batchSize += data.byteLength;
    this.added += 1;
    this.captions += record.captions.length;
    this.questions += questionsOf(this.joined, record).length;
    if (!isTaught(this.joined, record)) this.withoutCaption += 1;
  }

  /** Gives captions and fields to a picture that was stored before this import. */
  addWords(id: string, words: Pick<SampleRecord, 'captions' | 'fields'>): void {
    this.late.add(id);
    this.join(id, words);
  }

  private join(id: string, { captions, fields }: Pick<SampleRecord, 'captions' | 'fields'>): void {
    const extra = this.extras.get(id) ?? { captions: new Set(), fields: {} };
    for (const caption of captions) extra.captions.add(caption);
    const more = joinedFields(fields, this.joined);
    this.extras.set(id, { ...extra, fields: mergeFields(extra.fields, more, 'known', this.asked) });
  }

  /** Writes the batch when it is large enough; one batch is on its way at most while the next fills. */
  async flushWhenFull(): Promise<void> {
    if (this.batch.length >= batchPictures || this.batchSize >= batchBytes) await this.flush();
  }

  private async flush(): Promise<void> {
    const batch = this.batch;
    const previous = this.writing;
    this.batch = [];
    this.batchSize = 0;
    this.writing = previous.then(() => writeBatch(batch));
    // The next flush or `finish` reports its failure; meanwhile it must not count as unhandled.
    this.writing.catch(() => undefined);
    await previous;
  }

  /**
   * Writes the rest and completes the import in one transaction: captions and fields of duplicates, the record of the dataset, the end of the
   * journal. Of a dataset that was there before, the record as it is now gets the new columns and is left to those who edit it otherwise; where
   * it was split again meanwhile, the added pictures follow.
   * @param drawn shares of the parts that are drawn and not given by the files, which a new dataset gets at least half of
   * @throws DatasetError `not-found` when the dataset was deleted meanwhile
   */
  async finish(drawn: SplitSettings): Promise<void> {
    await this.flush();
    await this.writing;
    const { captioned, filled, captions, withoutCaption, questions } = this;
    await storing(async (db) => {
      // It may be done again, and counts from here each time.
      Object.assign(this, { captioned, filled, captions, withoutCaption, questions });
      const transaction = db.transaction(['datasets', 'images', 'settings'], 'readwrite');
      // Where it is broken off, what is waited for here tells.
      transaction.done.catch(() => undefined);
      const images = transaction.objectStore('images');
      const datasets = transaction.objectStore('datasets');
      const dataset = this.isNew ? this.dataset : await stillThere(datasets.get(this.dataset.id));
      const { split } = dataset;
      const changed = new Map<string, SampleRecord>();
      for (const [id, extra] of this.extras) {
        const stored = sampleReader.safeParse(await images.get(id)).data;
        if (stored === undefined) continue;
        const joined = this.withExtra(stored, extra);
        if (this.late.has(id) && joined.captions.length > stored.captions.length) this.captioned += 1;
        changed.set(id, joined);
      }
      const splitAnew = !sameSplit(split, this.dataset.split);
      const together = keepsTogether(split);
      if (this.isNew || splitAnew || together) {
        const range = orderRange(this.dataset.id, together ? 0 : this.from);
        const { items } = checked(await images.index('by-dataset').getAll(range), sampleReader);
        const moved = together
          ? this.splitWithTheirLike(items, changed, dataset)
          : splitAnew
            ? new Map(items.map((image) => [image.id, splitOf(image.hash, split)]))
            : topUpSplits(items, drawn);
        for (const image of items) {
          const to = moved.get(image.id);
          if (to !== undefined) changed.set(image.id, { ...(changed.get(image.id) ?? image), split: to });
        }
      }
      const { columns } = joinColumns(dataset.columns, this.joined.columns.filter(isFieldColumn));
      await datasets.put(datasetRecord({ ...dataset, columns: [...columns] }), this.dataset.id);
      const [counted] = await Promise.all([
        countChange(datasets, this.dataset.id),
        ...[...changed].map(([id, image]) => images.put(sampleRecord(image), id)),
        transaction.objectStore('settings').delete(journalKey(this.dataset.id)),
        transaction.done,
      ]);
      tellChange(counted);
    });
  }

  /** Added pictures follow those that carry their captions or are of their group, by what this import adds to stored pictures as well. */
  private splitWithTheirLike(
    items: readonly SampleRecord[],
    changed: ReadonlyMap<string, SampleRecord>,
    { split }: Pick<Dataset, 'split'>,
  ): ReadonlyMap<string, Split> {
    const orders = new Map(items.map(({ id, order }) => [id, order]));
    const added = ({ id }: { readonly id: string }): boolean => (orders.get(id) ?? 0) >= this.from;
    const joined = items.map((image) => changed.get(image.id) ?? image);
    return splitAdded(withTies(joined, this.joined, split), split, added);
  }

  private withExtra(stored: SampleRecord, extra: Extra): SampleRecord {
    const { captions } = captionsWithin([...new Set([...stored.captions, ...extra.captions])]);
    this.captions += captions.length - stored.captions.length;
    const isOwn = stored.order >= this.from;
    // What files say now counts over what files said before; of the same picture given twice, the first.
    const fields = mergeFields(stored.fields, extra.fields, isOwn ? 'known' : 'more', this.asked);
    if (!isOwn && Object.keys(extra.fields).length > 0) this.filled += 1;
    const joined = { ...stored, captions: [...captions], fields };
    this.questions += questionsOf(this.joined, joined).length - questionsOf(this.joined, stored).length;
    if (isOwn && !isTaught(this.joined, stored) && isTaught(this.joined, joined)) this.withoutCaption -= 1;
    return joined;
  }
}

function orderRange(datasetId: string, from = 0): IDBKeyRange {
  return IDBKeyRange.bound([datasetId, from], [datasetId, Number.POSITIVE_INFINITY]);
}

async function stillThere(record: Promise<unknown>): Promise<Dataset> {
  const parsed = datasetReader.safeParse(await record);
  if (parsed.success) return parsed.data;
  throw new DatasetError(
    'not-found',
    'The dataset was deleted while pictures were added to it. None of them was kept.',
  );
}

function sameSplit(a: SplitSettings, b: SplitSettings): boolean {
  const ties = (settings: SplitSettings): string => `${settings.byCaption === true} ${settings.byGroup === true}`;
  return a.seed === b.seed && a.validation === b.validation && a.test === b.test && ties(a) === ties(b);
}

/** Keys of the stored pictures of a dataset and the first free order number. */
function knownPictures(datasetId: string): Promise<{ known: Set<string>; from: number }> {
  return storing(async (db) => {
    const store = db.transaction('images').store;
    const [keys, last] = await Promise.all([
      store.getAllKeys(keysOf(datasetId)),
      store.index('by-dataset').openKeyCursor(orderRange(datasetId), 'prev'),
    ]);
    return { known: new Set(keys), from: last === null ? 0 : last.key[1] + 1 };
  });
}

async function writeBatch(batch: readonly Pending[]): Promise<void> {
  if (batch.length === 0) return;
  await storing(async (db) => {
    const transaction = db.transaction(pictureStores, 'readwrite');
    const images = transaction.objectStore('images');
    const bytes = transaction.objectStore('imageBytes');
    const thumbnails = transaction.objectStore('thumbnails');
    await Promise.all([
      ...batch.flatMap(({ record, data, thumbnail }) => [
        images.put(sampleRecord(record), record.id),
        bytes.put(data, record.id),
        thumbnails.put(thumbnail, record.id),
      ]),
      transaction.done,
    ]);
  });
}
