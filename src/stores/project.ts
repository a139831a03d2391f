import { create } from 'zustand';
import {
  deleteDataset,
  deleteImage,
  listDatasets,
  readDataset,
  renameDataset,
  resplit,
  setCaptions,
  setSplit,
} from '../dataset/storage';
import type { Gathered } from '../dataset/entries';
import { onDatasetChange, type DatasetChange } from '../dataset/revision';
import type { SplitSettings } from '../dataset/split';
import type { Dataset, ImageRecord, IntakeReport, Split } from '../dataset/types';
import type { DamagedRecord } from '../storage/records';
import { isCancelled, WorkerCrash } from '../protocol/errors';
import type { Capabilities, ModelFile, ModelSummary, Progress } from '../protocol/protocol';
import { CaptionLengths } from './captionLengths';
import { client } from './client';
import { handFiles } from './handFiles';
import { forceBackend, forcedBackend, type ExecutorKind } from './backend';
import { useRecipeStore } from './recipe';
import { fetchSample, type Sample } from './samples';
import { readSetting, writeSetting } from './settings';
import { advanceTask, startTask, type TaskMessage, type TaskProgress } from './task';
import { Turns } from './turns';

/** Something long that the page started and may end. */
interface Job {
  readonly task: TaskProgress;
  readonly cancel: () => void;
}

interface ProjectState {
  /** False until the stored datasets have been listed. */
  readonly loaded: boolean;
  readonly datasets: readonly Dataset[];
  /** Records that cannot be read as datasets any more. */
  readonly damagedDatasets: readonly DamagedRecord[];
  /** The dataset in use. */
  readonly dataset: Dataset | null;
  /** All pictures of the dataset in use, in order. */
  readonly images: readonly ImageRecord[];
  /** Records that did not pass their schema and take no part. */
  readonly damaged: number;
  /** Pictures with a caption over the model's length; null while nobody has counted. */
  readonly tooLong: ReadonlySet<string> | null;
  readonly importing: Job | null;
  /** What the last import took and did not take, until it is put away. */
  readonly report: IntakeReport | null;
  /** Why the last action on data failed, for the user. */
  readonly dataProblem: string | null;

  readonly model: ModelSummary | null;
  readonly opening: (Job & { readonly model: string }) | null;
  readonly modelProblem: string | null;
  /** Address that serves models in the Hugging Face layout. */
  readonly hubBase: string;

  readonly capabilities: Capabilities | null;
  readonly capabilitiesProblem: string | null;
  /** What the user wants to compute with; null while the studio chooses. */
  readonly forced: ExecutorKind | null;

  /** Reads what is stored, asks what the machine can do and opens the recipe's model. */
  readonly start: () => Promise<void>;
  /** Asks what the machine can do. */
  readonly probe: () => Promise<void>;
  /** Computes with something else than the studio would choose, or leaves the choice to it again (null). */
  readonly force: (backend: ExecutorKind | null) => Promise<void>;
  readonly selectDataset: (datasetId: string) => Promise<void>;
  /** Adds to the dataset in use, or makes a new one with the given name. */
  readonly importFiles: (picked: Gathered, target: 'current' | { readonly name: string }) => Promise<void>;
  readonly importSample: (sample: Sample) => Promise<void>;
  readonly dismissReport: () => void;
  readonly dismissDataProblem: () => void;
  readonly setCaptions: (imageId: string, captions: readonly string[]) => Promise<void>;
  readonly setSplit: (imageId: string, split: Split) => Promise<void>;
  readonly deleteImage: (imageId: string) => Promise<void>;
  readonly resplit: (settings: SplitSettings) => Promise<void>;
  readonly renameDataset: (name: string) => Promise<void>;
  readonly deleteDataset: (datasetId: string) => Promise<void>;
  readonly openModel: (model: string) => Promise<void>;
  readonly importModel: (name: string, files: readonly ModelFile[]) => Promise<void>;
  readonly dismissModelProblem: () => void;
  readonly setHubBase: (hubBase: string) => void;
}

export const defaultHubBase = 'https://huggingface.co';

export const useProjectStore = create<ProjectState>()((set, get) => {
  const loads = new Turns();
  const lists = new Turns();
  const captions = new CaptionLengths(get, (tooLong) => set({ tooLong }));
  const probes = new Turns();
  let probing = false;
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

  /** Lists the datasets anew and shows the wanted one, or the one asked for last, or the newest. */
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
    set({ dataProblem: null });
    return showProblems(work);
  }

  async function showProblems(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCancelled(error)) set({ dataProblem: messageOf(error) });
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
    change: (image: ImageRecord) => readonly ImageRecord[],
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

  /** Opens a model by any request that answers with its summary; a newer one ends an older. */
  async function runOpening(
    model: string,
    work: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<ModelSummary>,
  ): Promise<void> {
    get().opening?.cancel();
    const controller = new AbortController();
    const cancel = (): void => controller.abort();
    const mine = (): boolean => get().opening?.cancel === cancel;
    set({ opening: { model, task: startTask('Opening the model'), cancel }, modelProblem: null });
    try {
      const summary = await work(controller.signal, (progress) => {
        const { opening } = get();
        if (mine() && opening !== null)
          set({ opening: { ...opening, task: advanceTask(opening.task, { ...progress, unit: 'bytes' }) } });
      });
      if (!mine()) return;
      set({ model: summary });
      void captions.countAll();
      useRecipeStore.getState().set('model', summary.id);
    } catch (error) {
      if (mine() && !isCancelled(error)) set({ modelProblem: messageOf(error) });
    } finally {
      if (mine()) set({ opening: null });
    }
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
    dataProblem: null,
    model: null,
    opening: null,
    modelProblem: null,
    hubBase: defaultHubBase,
    capabilities: null,
    capabilitiesProblem: null,
    forced: null,

    async start() {
      onDatasetChange(follow);
      // A new worker knows nothing of what the user wants to compute with. One that dies of being asked is not asked again by itself.
      client.crashed(() => {
        if (!probing) void get().probe();
      });
      await attempt(async () => {
        const [datasetId, hubBase] = await Promise.all([readSetting('dataset'), readSetting('hubBase')]);
        if (typeof hubBase === 'string') set({ hubBase });
        await refresh(typeof datasetId === 'string' ? datasetId : undefined);
      });
      set({ loaded: true });
      await get().probe();
      await get().openModel(useRecipeStore.getState().recipe.model);
    },

    async probe() {
      const isNewest = probes.next();
      probing = true;
      try {
        const forced = await forcedBackend();
        const capabilities = await client.request('probe', { force: forced });
        if (isNewest()) set({ capabilities, forced, capabilitiesProblem: null });
      } catch (error) {
        if (isNewest()) set({ capabilitiesProblem: messageOf(error) });
      } finally {
        if (isNewest()) probing = false;
      }
    },

    async force(backend) {
      await forceBackend(backend);
      await get().probe();
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
        if (sample.file === null) {
          return client.request('makeShapes', { count: sample.count, seed: 1 }, { signal, onProgress });
        }
        const file = await fetchSample(sample.file, signal, (progress) => onProgress({ ...progress, unit: 'bytes' }));
        await handFiles([{ path: sample.file, file }], signal);
        return client.request(
          'importFiles',
          { datasetId: null, name: sample.name, origin: sample.id },
          { signal, onProgress },
        );
      }),

    dismissReport: () => set({ report: null }),
    dismissDataProblem: () => set({ dataProblem: null }),
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
    deleteImage: (imageId) =>
      attempt(async () => {
        const revision = await deleteImage(imageId);
        await take(imageId, revision, () => []);
      }),
    resplit: (settings) =>
      attempt(async () => {
        const { dataset } = get();
        if (dataset === null) return;
        await resplit(dataset.id, settings);
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

    openModel: (model) =>
      runOpening(model, (signal, onProgress) =>
        client.request('openModel', { model, hubBase: get().hubBase }, { signal, onProgress }),
      ),
    importModel: (name, files) =>
      runOpening(`local/${name}`, (signal, onProgress) =>
        client.request('importModel', { name, files }, { signal, onProgress }),
      ),
    dismissModelProblem: () => set({ modelProblem: null }),
    setHubBase(hubBase) {
      set({ hubBase });
      writeSetting('hubBase', hubBase).catch(() => undefined);
    },
  };
});

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
