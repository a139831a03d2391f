import { create } from 'zustand';
import {
  deleteDataset,
  deleteImage,
  listDatasets,
  readImages,
  renameDataset,
  resplit,
  setCaptions,
  setSplit,
} from '../dataset/storage';
import type { Gathered } from '../dataset/entries';
import type { SplitSettings } from '../dataset/split';
import type { Dataset, ImageRecord, IntakeReport, Split } from '../dataset/types';
import { isCancelled } from '../training/errors';
import type { Capabilities, ModelFile, ModelSummary, Progress } from '../training/protocol';
import { client } from './client';
import { handFiles } from './handFiles';
import { forceBackend, forcedBackend, type ExecutorKind } from './backend';
import { useRecipeStore } from './recipe';
import { fetchSample, type Sample } from './samples';
import { readSetting, writeSetting } from './settings';
import { advanceTask, startTask, type TaskMessage, type TaskProgress } from './task';

/** Something long that the page started and may end. */
interface Job {
  readonly task: TaskProgress;
  readonly cancel: () => void;
}

interface ProjectState {
  /** False until the stored datasets have been listed. */
  readonly loaded: boolean;
  readonly datasets: readonly Dataset[];
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
  /** Pictures of a dataset become the ones in use, unless another was chosen meanwhile. */
  async function show(dataset: Dataset | null): Promise<void> {
    if (dataset === null) {
      set({ dataset: null, images: [], damaged: 0, tooLong: null });
      return;
    }
    const { items, damaged } = await readImages(dataset.id);
    set({ dataset, images: items, damaged });
    void countTokens();
    await writeSetting('dataset', dataset.id);
  }

  /** Lists the datasets anew and shows the wanted one, or the one in use, or the newest. */
  async function refresh(wanted?: string): Promise<void> {
    const { items } = await listDatasets();
    const id = wanted ?? get().dataset?.id;
    const next = items.find((dataset) => dataset.id === id) ?? items[0] ?? null;
    set({ datasets: items });
    await show(next);
  }

  /** Does something with stored data; what goes wrong is shown. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    set({ dataProblem: null });
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
      } finally {
        set({ importing: null });
      }
    });
  }

  /** Has the captions of the dataset in use counted by the tokenizer of the open model; an answer that came too late is left out. */
  async function countTokens(): Promise<void> {
    const { dataset, model, images } = get();
    if (dataset === null || model === null || images.length === 0) {
      set({ tooLong: null });
      return;
    }
    try {
      const ids = await client.request('longCaptions', { model: model.id, datasetId: dataset.id });
      if (get().dataset?.id === dataset.id && get().model?.id === model.id) set({ tooLong: new Set(ids) });
    } catch {
      // Nobody asked for it by name; where captions are cut, the run says so again.
      set({ tooLong: null });
    }
  }

  /** Replaces one picture's record after it was changed in the storage. */
  function put(changed: ImageRecord): void {
    set(({ images }) => ({ images: images.map((image) => (image.id === changed.id ? changed : image)) }));
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
      void countTokens();
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
      try {
        const forced = await forcedBackend();
        const capabilities = await client.request('probe', { force: forced });
        set({ capabilities, forced, capabilitiesProblem: null });
      } catch (error) {
        set({ capabilitiesProblem: messageOf(error) });
      }
    },

    async force(backend) {
      await forceBackend(backend);
      await get().probe();
    },

    selectDataset: (datasetId) =>
      attempt(async () => {
        set({ report: null });
        await show(get().datasets.find(({ id }) => id === datasetId) ?? null);
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
    setCaptions: (imageId, captions) =>
      attempt(async () => {
        put(await setCaptions(imageId, captions));
        await countTokens();
      }),
    setSplit: (imageId, split) => attempt(async () => put(await setSplit(imageId, split))),
    deleteImage: (imageId) =>
      attempt(async () => {
        await deleteImage(imageId);
        set(({ images }) => ({ images: images.filter(({ id }) => id !== imageId) }));
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
