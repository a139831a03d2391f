import { obstacles } from '../../export/formats/writing';
import { wholeModel } from '../../export/model';
import { licenseText } from '../../model/card';
import { catalogue, isEmbedded } from '../../model/catalogue';
import { parameterCount, sharedWidth } from '../../model/architecture';
import {
  droppedFiles,
  keptFiles,
  servedFiles,
  type ModelFileCache,
  type ModelFiles,
  type ReadOptions,
} from '../../model/files';
import { ModelError } from '../../model/errors';
import { defaultHub, hubAddress, hubFiles, parseHubId } from '../../model/hub';
import { keptId } from '../../model/kept-id';
import { openModel, type LoadedModel } from '../../model/source';
import { deleteModel, listModelFiles, putModelFile, readModelFile } from '../../storage/model-files';
import { isCancelled, StudioError } from '../../protocol/errors';
import { localPrefix, storeLocalModel } from './local-models';
import type { ModelHandle } from '../model-handle';
import type { LayerGroup, ModelFile, ModelSummary } from '../../protocol/models';

/** A model with its files, ready to be trained, searched with and exported. */
export interface OpenedModel extends ModelHandle {
  /** Names it among all models: two hubs may have different models of one id. */
  readonly key: string;
  /** Address of the hub that it comes from, and what of its history; null for models that come from none. */
  readonly hub: string | null;
  readonly revision: string | null;
  readonly loaded: LoadedModel;
  readonly summary: ModelSummary;
}

/** Opens models by their ids and holds on to the one that was opened last. */
export class ModelLibrary {
  private latest: { readonly key: string; readonly model: Promise<OpenedModel> } | null = null;
  private hub = defaultHub;

  /** @param base folder that the embedded model is served below, with a slash at its end */
  constructor(private readonly base: () => string) {}

  /**
   * A model by its id: the embedded one, one that the user imported (`local/…`), or one of a hub, which is kept after the first time.
   *
   * @param hubBase address of a hub with the Hugging Face layout; null for the one that was named last, huggingface.co at first
   * @throws ModelError when it cannot be had, StudioError `not-found` for a local model that is not stored any more
   */
  open(id: string, hubBase: string | null = null, options: ReadOptions = {}): Promise<OpenedModel> {
    if (hubBase !== null) this.nameHub(hubBase);
    return this.openAt(id, this.hub, options);
  }

  /** Says which hub models come from where none is named. @param hubBase as in `open` */
  nameHub(hubBase: string): void {
    this.hub = hubBase;
  }

  /** As `open`, but without a word on which hub other models come from. */
  async openAt(id: string, hub: string, options: ReadOptions = {}): Promise<OpenedModel> {
    const key = isOnHub(id) ? keptId(hub, id) : id;
    if (this.latest?.key === key) {
      try {
        return await this.latest.model;
      } catch (error) {
        // Whoever asked first may have taken the request back; that is no reason to fail this one.
        if (!isCancelled(error) || options.signal?.aborted === true) throw error;
      }
    }
    const model = this.read(id, hub, options);
    this.latest = { key, model };
    model.catch(() => {
      if (this.latest?.model === model) this.latest = null;
    });
    return model;
  }

  /** What a model's files are stored as; those of the embedded one are not. */
  storedAs(id: string): string {
    return isOnHub(id) ? keptId(this.hub, id) : id;
  }

  /** The model that was opened last; null while there is none, or where it cannot be had. */
  async current(): Promise<OpenedModel | null> {
    return (await this.latest?.model.catch(() => null)) ?? null;
  }

  /** The hub that models come from where none is named. */
  get usualHub(): string {
    return this.hub;
  }

  /** Takes in files as a local model: they are read and checked first, then stored; other files of the same name stay beside them. */
  async import(name: string, files: readonly ModelFile[], options: ReadOptions = {}): Promise<OpenedModel> {
    const read = new Map<string, Uint8Array>();
    const dropped = droppedFiles(files, options);
    const recorded: ModelFiles = {
      ...dropped,
      async read(file) {
        const bytes = await dropped.read(file);
        if (bytes !== null) read.set(file, bytes);
        return bytes;
      },
    };
    const loaded = await openModel(recorded);
    const { id, suffix } = await storeLocalModel(name, read, options);
    const model = opened(id, loaded, name + suffix);
    this.latest = { key: id, model: Promise.resolve(model) };
    return model;
  }

  private async read(id: string, hub: string, options: ReadOptions): Promise<OpenedModel> {
    if (isEmbedded(id)) {
      return opened(id, await openModel(servedFiles(`${this.base()}models/${id}`, options)));
    }
    if (id.startsWith(localPrefix)) return opened(id, await openModel(await storedFiles(id)));
    const kept = keptId(hub, id);
    const files = keptFiles(hubFiles(hub, id, options), storageOf(kept));
    try {
      const origin = { key: kept, hub: hubAddress(hub), revision: parseHubId(id)?.revision ?? null };
      const loaded = await openModel(files);
      const unkept = await files.finish();
      const notes =
        unkept === null
          ? loaded.notes
          : [
              ...loaded.notes,
              `It works, but could not be kept in this browser and is fetched anew next time. ${unkept}`,
            ];
      return { ...opened(id, { ...loaded, notes }), ...origin };
    } catch (error) {
      // A damaged file must not be found again at the next try.
      if (error instanceof ModelError && error.code === 'invalid') await deleteModel(kept);
      throw error;
    }
  }
}

/** True for ids that are looked for on a hub. */
function isOnHub(id: string): boolean {
  return !isEmbedded(id) && !id.startsWith(localPrefix);
}

/** A model that was read and comes from no hub, as training sees it. */
export function opened(id: string, loaded: LoadedModel, name?: string): OpenedModel {
  const { architecture, imageProcessor, tokenizer } = loaded;
  const { image, text, towers } = architecture;
  const groups = architecture.groups.map((group): LayerGroup => {
    const { id, label, tower, kind, index } = group;
    return { id, label, tower, kind, index, parameters: parameterCount(group) };
  });
  return {
    id,
    key: id,
    hub: null,
    revision: null,
    architecture,
    tensors: loaded.tensors,
    normalization: imageProcessor.normalization,
    tokenize: (caption) => tokenizer.encode(caption),
    words: (ids) => tokenizer.decode(ids),
    preprocess: (picture) => cropCorner(imageProcessor.process(picture), imageProcessor.size, image.pixels),
    preprocessing: imageProcessor.steps,
    loaded,
    summary: {
      id,
      name: name ?? catalogue.find((entry) => entry.id === id)?.name ?? id.replace(localPrefix, ''),
      parameters: groups.reduce((sum, { parameters }) => sum + parameters, 0),
      bytes: loaded.bytes,
      family: architecture.family.name,
      modelType: architecture.family.modelType,
      imageSize: image.side,
      patchSize: image.patch,
      maxTokens: text.maxTokens,
      kind: architecture.kind,
      tasks: architecture.tasks,
      projectionDim: sharedWidth(architecture),
      towers: Object.entries(towers).map(([id, tower]) => ({ id, ...tower })),
      groups,
      license: licenseText(loaded.card),
      notExportedAs: obstacles(wholeModel(loaded, null)),
      notes: loaded.notes,
    },
  };
}

/** The part of a picture that whole patches cover. */
function cropCorner(pixels: Uint8Array, size: number, side: number): Uint8Array {
  if (size === side) return pixels;
  const cropped = new Uint8Array(3 * side * side);
  for (let row = 0; row < side; row++) {
    cropped.set(pixels.subarray(3 * row * size, 3 * (row * size + side)), 3 * row * side);
  }
  return cropped;
}

function storageOf(kept: string): ModelFileCache {
  return {
    read: (name) => readModelFile(kept, name),
    write: (name, bytes) => putModelFile(kept, name, bytes),
  };
}

async function storedFiles(id: string): Promise<ModelFiles> {
  const names = await listModelFiles(id);
  if (names.length === 0) {
    throw new StudioError(
      'not-found',
      `The model "${id}" is not stored in this browser. Open its folder again on the Model page.`,
    );
  }
  return { place: 'the files kept in this browser', names, read: (name) => readModelFile(id, name) };
}
