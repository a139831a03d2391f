import { create } from 'zustand';
import {
  deleteDataset,
  deleteImage,
  listDatasets,
  readDataset,
  renameDataset,
  resplit,
  setCaptions,
  setExcluded,
  setFields,
  setSplit,
} from '../dataset/storage';
import type { Gathered } from '../dataset/entries';
import { onDatasetChange, type DatasetChange } from '../dataset/revision';
import { setColumnRole } from '../dataset/column-roles';
import type { SplitSettings } from '../dataset/split';
import type { ColumnRole, Dataset, FieldValue, SampleRecord, IntakeReport, Split } from '../dataset/types';
import type { DamagedRecord } from '../storage/records';
import { isCancelled, messageOf, WorkerCrash } from '../protocol/errors';
import type { TaskId } from '../tasks';
import { CaptionLengths } from './captionLengths';
import { client } from './client';
import { handFiles } from './handFiles';
import type { Job } from './job';
import { useModelStore } from './model';
import type { Sample } from './samples';
import { setUp } from './setup';
import { readSetting, writeSetting } from './settings';
import { advanceTask, startTask, type TaskMessage } from './task';
import { Turns } from './turns';

/**
 * Datasets as the page has them. What is stored counts: an action writes there first, then shows what is stored. Where works overlap, the newest
 * is shown. What fails is told in `problem`; actions do not reject.
 */

interface DataState {
  /** False until the stored datasets have been listed. */
  readonly loaded: boolean;
  readonly datasets: readonly Dataset[];
  /** Records that cannot be read as datasets any more. */
  readonly damagedDatasets: readonly DamagedRecord[];
  /** The dataset in use. */
  readonly dataset: Dataset | null;
  /** All pictures of the dataset in use, in order. */
  readonly images: readonly SampleRecord[];
  /** Records that did not pass their schema and take no part. */
  readonly damaged: number;
  /** Pictures with a caption over the model's length; null while nobody has counted. */
  readonly tooLong: ReadonlySet<string> | null;
  readonly importing: Job | null;
  /** What the last import took and did not take, until it is put away. */
  readonly report: IntakeReport | null;
  /** Why the last action on data failed, for the user. */
  readonly problem: string | null;

  /** Reads what is stored, and follows what changes in it. */
  readonly start: () => Promise<void>;
  readonly selectDataset: (datasetId: string) => Promise<void>;
  /** Adds to the dataset in use, or makes a new one with the given name. */
  readonly importFiles: (picked: Gathered, target: 'current' | { readonly name: string }) => Promise<void>;
  readonly importSample: (sample: Sample) => Promise<void>;
  readonly dismissReport: () => void;
  readonly dismissProblem: () => void;
  readonly setCaptions: (imageId: string, captions: readonly string[]) => Promise<void>;
  readonly setSplit: (imageId: string, split: Split) => Promise<void>;
  readonly setExcluded: (imageId: string, excluded: boolean) => Promise<void>;
  /** Changes what a picture has in columns; null takes it away. */
  readonly setFields: (imageId: string, change: Readonly<Record<string, FieldValue | null>>) => Promise<void>;
  readonly deleteImage: (imageId: string) => Promise<void>;
  /** @param given where pictures lie by their ids, instead of where the settings would put them */
  readonly resplit: (settings: SplitSettings, given?: ReadonlyMap<string, Split>) => Promise<void>;
  readonly setColumnRole: (column: string, role: ColumnRole) => Promise<void>;
  readonly renameDataset: (name: string) => Promise<void>;
  readonly deleteDataset: (datasetId: string) => Promise<void>;
}

/** Gets a sample and imports it, as a dataset of its own. */
async function takeSample(
  sample: Sample,
  signal: AbortSignal,
  onProgress: (progress: TaskMessage) => void,
): Promise<{ readonly datasetId: string; readonly report: IntakeReport }> {
  const { generator, name, count, origin = sample.id } = sample;
  if (generator !== null) {
    return client.request('makeSample', { generator, name, count, seed: 1 }, { signal, onProgress });
  }
  const { fetchSample } = await import('./samples');
  const file = await fetchSample(sample.file, signal, (progress) => onProgress({ ...progress, unit: 'bytes' }));
  await handFiles([{ path: sample.file, file }], signal);
  return client.request('importFiles', { datasetId: null, name, origin }, { signal, onProgress });
}

/** Datasets and the pictures of the one in use. */
export const useDataStore = create<DataState>()((set, get) => {
  const loads = new Turns();
  const lists = new Turns();
  const captions = new CaptionLengths(
    () => ({ ...get(), model: useModelStore.getState().model }),
    (tooLong) => set({ tooLong }),
  );
  /** The dataset that was asked for last; it may not be the one in use yet. */
  let chosen: string | null = null;

  /** Pictures of a dataset become the ones in use, unless another was asked for since `isNewest` began. */
  async function show(datasetId: string | null, isNewest: () => boolean): Promise<void> {
    if (datasetId === null) {
      set({ dataset: null, images: [], damaged: 0, tooLong: null });
      return;
    }
    const { dataset, items, damaged } = await readDataset(datasetId);
    if (!isNewest()) return;
    const same = get().dataset?.id === datasetId;
    set({ dataset, images: items, damaged, ...(same ? {} : { tooLong: null }) });
    void captions.countAll();
    await writeSetting('dataset', datasetId);
  }

  /** Lists the datasets again and shows the wanted one, or the one asked for last, or the newest. */
  async function refresh(wanted?: string): Promise<void> {
    chosen = wanted ?? chosen;
    const isNewestLoad = loads.next();
    const isNewestList = lists.next();
    const { items, damaged } = await listDatasets();
    if (isNewestList()) set({ datasets: items, damagedDatasets: damaged });
    if (!isNewestLoad()) return;
    const next = items.find(({ id }) => id === chosen) ?? items[0] ?? null;
    chosen = next?.id ?? null;
    await show(chosen, isNewestLoad);
  }

  /** Does what the user asked for with stored data; what goes wrong is shown, in place of what went wrong before. */
  function attempt(work: () => Promise<void>): Promise<void> {
    set({ problem: null });
    return showProblems(work);
  }

  async function showProblems(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCancelled(error)) set({ problem: messageOf(error) });
    }
  }

  /** Runs an import with its progress and Cancel. One at a time. */
  async function runImport(
    label: string,
    work: (
      signal: AbortSignal,
      onProgress: (progress: TaskMessage) => void,
    ) => Promise<{ readonly datasetId: string; readonly report: IntakeReport }>,
  ): Promise<void> {
    if (get().importing !== null) return;
    const controller = new AbortController();
    const cancel = (): void => controller.abort();
    set({ importing: { task: startTask(label), cancel }, report: null });
    await attempt(async () => {
      try {
        const { datasetId, report } = await work(controller.signal, (progress) =>
          set(({ importing }) =>
            importing === null ? {} : { importing: { cancel, task: advanceTask(importing.task, progress) } },
          ),
        );
        await refresh(datasetId);
        set({ report });
        // Asked once there is something to lose; the browser may ask the user or decide by itself.
        await navigator.storage.persist().catch(() => false);
      } catch (error) {
        // A worker that died could not take back what it had stored so far; listing the datasets does.
        if (error instanceof WorkerCrash) await refresh();
        throw error;
      } finally {
        set({ importing: null });
      }
    });
  }

  /** Takes in what this page changed of a picture. Where others changed the dataset in between, all of it is read again. */
  async function take(
    imageId: string,
    revision: number | null,
    change: (image: SampleRecord) => readonly SampleRecord[],
  ): Promise<void> {
    const { dataset, images } = get();
    if (dataset === null || !images.some(({ id }) => id === imageId)) return;
    if (revision !== (dataset.revision ?? 0) + 1) return refresh();
    set({
      dataset: { ...dataset, revision },
      images: images.flatMap((image) => (image.id === imageId ? change(image) : image)),
    });
  }

  /**
   * Follows what others change in the dataset in use: other tabs, and the worker when it takes back an import that failed, whose message must
   * stay. An import of this tab shows its own outcome.
   */
  function follow({ datasetId, revision }: DatasetChange): void {
    const { dataset, importing } = get();
    if (importing !== null || dataset?.id !== datasetId || revision <= (dataset.revision ?? 0)) return;
    void showProblems(() => refresh());
  }

  return {
    loaded: false,
    datasets: [],
    damagedDatasets: [],
    dataset: null,
    images: [],
    damaged: 0,
    tooLong: null,
    importing: null,
    report: null,
    problem: null,

    async start() {
      onDatasetChange(follow);
      // Another model reads captions of another length.
      useModelStore.subscribe(({ model }, before) => {
        if (model !== null && model !== before.model) void captions.countAll();
      });
      await attempt(async () => {
        const datasetId = await readSetting('dataset');
        await refresh(typeof datasetId === 'string' ? datasetId : undefined);
      });
      set({ loaded: true });
    },

    selectDataset: (datasetId) =>
      attempt(async () => {
        set({ report: null });
        chosen = datasetId;
        await show(datasetId, loads.next());
      }),

    importFiles: ({ files, unreadable }, target) =>
      runImport('Reading the files', async (signal, onProgress) => {
        await handFiles(files, signal);
        const { datasetId, report } = await client.request(
          'importFiles',
          {
            datasetId: target === 'current' ? (get().dataset?.id ?? null) : null,
            name: target === 'current' ? 'Pictures' : target.name,
            origin: 'files',
          },
          { signal, onProgress },
        );
        return { datasetId, report: { ...report, rejected: [...unreadable, ...report.rejected] } };
      }),

    importSample: (sample) =>
      runImport('Getting the sample', async (signal, onProgress) => {
        const imported = await takeSample(sample, signal, onProgress);
        const { task, ...recipe } = sample.recipe;
        setUp({ ...recipe, task: task as TaskId, change: recipe.change });
        return imported;
      }),

    dismissReport: () => set({ report: null }),
    dismissProblem: () => set({ problem: null }),
    setCaptions: (imageId, texts) =>
      attempt(async () => {
        const { image, revision } = await setCaptions(imageId, texts);
        await take(imageId, revision, () => [image]);
        await captions.count(image);
      }),
    setSplit: (imageId, split) =>
      attempt(async () => {
        const { image, revision } = await setSplit(imageId, split);
        await take(imageId, revision, () => [image]);
      }),
    setExcluded: (imageId, excluded) =>
      attempt(async () => {
        const { image, revision } = await setExcluded(imageId, excluded);
        await take(imageId, revision, () => [image]);
      }),
    setFields: (imageId, change) =>
      attempt(async () => {
        const { image, revision } = await setFields(imageId, change);
        await take(imageId, revision, () => [image]);
      }),
    deleteImage: (imageId) =>
      attempt(async () => {
        const revision = await deleteImage(imageId);
        await take(imageId, revision, () => []);
      }),
    resplit: (settings, given) =>
      attempt(async () => {
        const { dataset } = get();
        if (dataset === null) return;
        await resplit(dataset.id, settings, given);
        await refresh();
      }),
    setColumnRole: (column, role) =>
      attempt(async () => {
        const { dataset } = get();
        if (dataset === null) return;
        await setColumnRole(dataset.id, column, role);
        await refresh();
      }),
    renameDataset: (name) =>
      attempt(async () => {
        const { dataset } = get();
        if (dataset === null) return;
        await renameDataset(dataset.id, name);
        await refresh();
      }),
    deleteDataset: (datasetId) =>
      attempt(async () => {
        await deleteDataset(datasetId);
        set({ report: null });
        await refresh();
      }),
  };
});
