import type { Executor } from '../../engine/executor';
import { readRun, storedDelta } from '../../runs/store';
import { sharedWidth } from '../../model/architecture';
import type { Run, RunBase } from '../../runs/types';
import type { WeightDelta, WeightSet } from '../../runs/weight-set';
import type { DeviceLock } from '../device-lock';
import { Encoder } from '../features/encoder';
import { EncoderPool, type UseEncoder } from '../features/encoder-pool';
import { StudioError } from '../../protocol/errors';
import { FeatureIndex } from '../features/feature-index';
import type { ModelLibrary, OpenedModel } from './models';
import { shortDigest, weightsDigest } from './weights-digest';
import type { WeightsRef } from '../../protocol/weights-ref';
import type { HeldWeights } from '../session/recorder';
import { PixelCache } from '../features/samples';

/** A model under one set of weights, and what was computed with them. */
export interface Weights {
  /** Equal exactly where the numbers are. */
  readonly key: string;
  readonly model: OpenedModel;
  readonly set: WeightSet;
  /** The run that made them; null for the base model. */
  readonly run: Run | null;
  readonly features: FeatureIndex;
  readonly pixels: PixelCache;
  /** Lends the weights on the device. They may not be there any more when the work is done. */
  readonly use: UseEncoder;
}

/** How to ask for an opened model as it is. */
export function baseRef({ id, hub }: Pick<OpenedModel, 'id' | 'hub'>): WeightsRef {
  return { kind: 'base', model: id, hub };
}

/** What a run notes of the model that it starts from. */
export async function runBase({ id, hub, revision, loaded }: OpenedModel): Promise<RunBase> {
  return { id, digest: await weightsDigest(loaded), hub, revision };
}

function otherBase(run: Run, { id, digest, hub }: RunBase, found: string): StudioError {
  const advice =
    hub === null
      ? `Open the model that it was trained from on the Model page`
      : `Open the revision that it was trained from on the Model page (owner/name@revision, at ${hub})`;
  return new StudioError(
    'other-base',
    `The run "${run.name}" was trained from the weights ${shortDigest(digest)}, but what is called "${id}" here now has the weights ${shortDigest(found)}. What the run changed fits only the former, so it is not put into the latter. ${advice}, or choose another run.`,
  );
}

/** Sets of weights that stay on the device: base and tuned, side by side. */
const residentEncoders = 2;
/** Sets of weights whose features are remembered. */
const rememberedIndexes = 6;

/** Finds weights by their reference and keeps what was computed with them. */
export class WeightsRegistry {
  private readonly encoders = new EncoderPool(residentEncoders);
  private readonly indexes = new Map<string, FeatureIndex>();
  private readonly unstored = new Map<string, HeldWeights>();
  private pixels: { readonly model: string; readonly cache: PixelCache } | null = null;

  constructor(
    private readonly models: ModelLibrary,
    private readonly executor: (model: OpenedModel) => Promise<Executor>,
    private readonly lock: DeviceLock,
  ) {}

  /** Remembers weights that storage had no room for; they last as long as the worker. */
  holdUnstored(runId: string, weights: HeldWeights): void {
    this.unstored.set(runId, weights);
  }

  /**
   * @throws StudioError `not-found`, `no-weights`, and `other-base` where what is there under the name of a run's base model has other weights;
   * ModelError when the base model cannot be had
   */
  async find(ref: WeightsRef, signal?: AbortSignal): Promise<Weights> {
    if (ref.kind === 'base') {
      const model = await this.models.openAt(ref.model, ref.hub ?? this.models.usualHub, { signal });
      return this.weights(`base/${model.key}`, model, null, null);
    }
    const stored = await readRun(ref.runId);
    if (stored === null) throw new StudioError('not-found', 'This run is not stored any more. Choose another.');
    const held = this.unstored.get(stored.id);
    const run = held === undefined ? stored : { ...stored, ...held.of };
    if (held === undefined && run.weightsStep === null) {
      throw new StudioError(
        'no-weights',
        `The run "${run.name}" ended before any weights were kept. Choose another run.`,
      );
    }
    const model = await this.baseOf(run, signal);
    const key = `run/${run.id}/${held === undefined ? String(run.weightsStep) : 'unstored'}`;
    return this.weights(key, model, run, held === undefined ? storedDelta(run) : held.delta);
  }

  /** The model that a run started from: the one in use where it has those weights, whatever it is called, else that of the same name. */
  private async baseOf(run: Run, signal: AbortSignal | undefined): Promise<OpenedModel> {
    const { base, recipe } = run;
    const open = (): Promise<OpenedModel> =>
      this.models.openAt(recipe.model, base?.hub ?? this.models.usualHub, { signal });
    // Of runs of version 1 nothing but the name is known.
    if (base === null) return open();
    const current = await this.models.current();
    if (current !== null && (await weightsDigest(current.loaded)) === base.digest) return current;
    const model = await open();
    const found = await weightsDigest(model.loaded);
    if (found !== base.digest) throw otherBase(run, base, found);
    return model;
  }

  pixelsOf(model: OpenedModel): PixelCache {
    if (this.pixels?.model !== model.key) this.pixels = { model: model.key, cache: new PixelCache(model) };
    return this.pixels.cache;
  }

  /** Takes all weights off the device, to make room or because the device is gone. Features stay. */
  clear(): Promise<void> {
    return this.encoders.clear();
  }

  private async weights(key: string, model: OpenedModel, run: Run | null, delta: WeightDelta | null): Promise<Weights> {
    const set = { base: await weightsDigest(model.loaded), delta };
    const features = this.indexes.get(key) ?? new FeatureIndex(sharedWidth(model.architecture) ?? 0);
    this.indexes.delete(key);
    this.indexes.set(key, features);
    for (const stale of [...this.indexes.keys()].slice(0, -rememberedIndexes)) this.indexes.delete(stale);
    return {
      key,
      model,
      set,
      run,
      features,
      pixels: this.pixelsOf(model),
      use: (work) => this.use(key, model, delta, work),
    };
  }

  private async use<T>(
    key: string,
    model: OpenedModel,
    delta: WeightDelta | null,
    work: (encoder: Encoder) => Promise<T>,
  ): Promise<T> {
    // An executor that takes over clears the device, so it does that before there is anything new on it.
    if (!this.encoders.has(key)) await this.executor(model);
    const make = async (): Promise<Encoder> => Encoder.create(model, delta, await this.executor(model), this.lock);
    return this.encoders.use(key, make, work);
  }
}
