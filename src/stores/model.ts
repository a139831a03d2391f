import { create } from 'zustand';
import { defaultHub } from '../model/hub';
import { isCancelled, messageOf, StudioError } from '../protocol/errors';
import type { ModelFile, ModelSummary } from '../protocol/models';
import type { Progress } from '../protocol/protocol';
import { client } from './client';
import type { Job } from './job';
import { useRecipeStore } from './recipe';
import { readSetting, writeSetting } from './settings';
import { advanceTask, startTask } from './task';

/**
 * The model in use. Models open one at a time: a newer opening cancels the older, whose answer then changes nothing. What was opened becomes the
 * recipe's model.
 */

interface ModelState {
  /** The model in use. */
  readonly model: ModelSummary | null;
  readonly opening: (Job & { readonly model: string }) | null;
  readonly problem: string | null;
  /** The model that could not be fetched, which may be asked for again; null where that would not help. */
  readonly failed: string | null;
  /** Address that serves models in the Hugging Face layout. */
  readonly hubBase: string;

  /** Reads the address of the hub. */
  readonly start: () => Promise<void>;
  readonly openModel: (model: string) => Promise<void>;
  /** Makes a model the one in use: opens it unless it is open or opening already. Another that is opening is given up. */
  readonly changeTo: (model: string) => Promise<void>;
  /** Opens the model that the studio starts with, unless another was asked for while it was starting. */
  readonly openFirst: (model: string) => Promise<void>;
  readonly importModel: (name: string, files: readonly ModelFile[]) => Promise<void>;
  readonly dismissProblem: () => void;
  readonly setHubBase: (hubBase: string) => void;
}

/** The model that searching, evaluation and the next run start from. */
export const useModelStore = create<ModelState>()((set, get) => {
  /** Opens a model by any request that answers with its summary; a newer one ends an older. */
  async function runOpening(
    model: string,
    work: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<ModelSummary>,
  ): Promise<void> {
    get().opening?.cancel();
    const controller = new AbortController();
    const cancel = (): void => controller.abort();
    const mine = (): boolean => get().opening?.cancel === cancel;
    set({ opening: { model, task: startTask('Opening the model'), cancel }, problem: null, failed: null });
    try {
      const summary = await work(controller.signal, (progress) => {
        const { opening } = get();
        if (mine() && opening !== null)
          set({ opening: { ...opening, task: advanceTask(opening.task, { ...progress, unit: 'bytes' }) } });
      });
      if (!mine()) return;
      set({ model: summary });
      useRecipeStore.getState().set('model', summary.id);
    } catch (error) {
      if (!mine() || isCancelled(error)) return;
      const isNetwork = error instanceof StudioError && error.code === 'network';
      set({ problem: messageOf(error), failed: isNetwork ? model : null });
    } finally {
      if (mine()) set({ opening: null });
    }
  }

  return {
    model: null,
    opening: null,
    problem: null,
    failed: null,
    hubBase: defaultHub,

    async start() {
      client.crashed(() => void client.request('nameHub', { hubBase: get().hubBase }).catch(() => undefined));
      const hubBase = await readSetting('hubBase').catch(() => null);
      if (typeof hubBase === 'string') set({ hubBase });
    },

    openModel: (model) =>
      runOpening(model, (signal, onProgress) =>
        client.request('openModel', { model, hubBase: get().hubBase }, { signal, onProgress }),
      ),
    async changeTo(model) {
      const { model: opened, opening, openModel } = get();
      if (opening?.model === model) return;
      if (opened?.id !== model) return openModel(model);
      if (opening === null) return;
      set({ opening: null });
      opening.cancel();
      useRecipeStore.getState().set('model', model);
    },
    async openFirst(model) {
      const { model: opened, opening, openModel } = get();
      if (opened === null && opening === null) await openModel(model);
    },
    importModel: (name, files) =>
      runOpening(`local/${name}`, (signal, onProgress) =>
        client.request('importModel', { name, files }, { signal, onProgress }),
      ),
    dismissProblem: () => set({ problem: null, failed: null }),
    setHubBase(hubBase) {
      set({ hubBase });
      void writeSetting('hubBase', hubBase);
    },
  };
});
