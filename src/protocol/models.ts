import type { TaskKind } from '../model/families/family';
import type { GroupPlace } from '../recipe/trainable';

/** What is frozen as one, and its place in the model. */
export interface LayerGroup extends GroupPlace {
  readonly label: string;
  readonly parameters: number;
}

/** A part of a model that takes in one kind of data. */
export interface ModelTower {
  /** As groups name it. */
  readonly id: string;
  readonly label: string;
  readonly blocks: number;
  /** Width of the residual stream. */
  readonly width: number;
}

/** What the page shows of an opened model. */
export interface ModelSummary {
  readonly id: string;
  readonly name: string;
  /** Its family, for people: `CLIP`, and as configurations name it: `clip`. */
  readonly family: string;
  readonly modelType: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly imageSize: number;
  readonly patchSize: number;
  readonly maxTokens: number;
  /** `pair`: compares pictures with words; `generator`: writes words about pictures. */
  readonly kind: 'pair' | 'generator';
  /** What it can be trained for. */
  readonly tasks: readonly TaskKind[];
  /** Width of the space that pictures and words share; null where there is none. */
  readonly projectionDim: number | null;
  readonly towers: readonly ModelTower[];
  readonly groups: readonly LayerGroup[];
  readonly license: string | null;
  /** By id, the export formats that cannot hold it, and why not, in sentences for the user. */
  readonly notExportedAs: Readonly<Record<string, string>>;
  /** What was assumed when it was opened, or will not work as it should, in sentences for the user. */
  readonly notes: readonly string[];
}

/** A model file given by the user. */
export interface ModelFile {
  readonly name: string;
  readonly file: Blob;
}

/** What is asked of models. */
export interface ModelRequests {
  openModel: { params: { readonly model: string; readonly hubBase: string | null }; result: ModelSummary };
  /** Says which hub models come from where none is named, as opening one does: a worker that has just begun knows only the usual one. */
  nameHub: { params: { readonly hubBase: string }; result: null };
  /** Keeps the files as a local model under the id `local/{name}` and opens it. */
  importModel: { params: { readonly name: string; readonly files: readonly ModelFile[] }; result: ModelSummary };
}
