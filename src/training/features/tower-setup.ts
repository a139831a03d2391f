import { firstTrainableStage } from '../../model/architecture';
import type { Stage } from '../../model/families/family';
import type { FeatureCache } from '../../storage/feature-cache/feature-cache';
import { FrozenPrefix, type FrozenPrefixOptions } from './frozen-prefix';
import type { LastingSource, SampleSource } from './samples';
import { TowerPass, type TowerRunOptions } from './tower';

/** How one tower is entered in training and in evaluation. */
export interface TowerSetup {
  readonly trainFrom: Stage;
  /** What enters `trainFrom` in an epoch, by image or caption of the view. */
  trainSource(epoch: number): SampleSource;
  /** From samples to features, starting above the frozen layers where their outputs are kept. */
  readonly features: TowerPass;
  /** Bytes of memory that kept outputs may grow to. */
  readonly bytes: number;
  /** Where outputs of frozen layers are that training could start from; null where there are none. */
  readonly kept: 'memory' | 'disk' | 'nowhere' | null;
  /** How many of the outputs of frozen layers that training starts from are there; null where there are none. */
  readonly trained: { readonly done: number; readonly total: number } | null;
  dispose(): void;
}

/** Samples that training sees changed. */
export interface ChangingSamples {
  /** The samples as an epoch sees them. */
  source(epoch: number): SampleSource;
  /** Where all epochs share a few views of each sample: how many, and view `v` of sample `s` as `s * count + v`. */
  readonly views: { readonly count: number; readonly source: LastingSource } | null;
}

export interface TowerSetupOptions extends TowerRunOptions {
  /** Samples as they are. */
  readonly source: LastingSource;
  readonly groups: ReadonlySet<string>;
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Null where training sees samples as they are. */
  readonly changing: ChangingSamples | null;
  /** Bytes of memory for outputs of frozen layers. */
  readonly budget: number;
  readonly cache: FeatureCache | null;
}

export async function towerSetup(options: TowerSetupOptions): Promise<TowerSetup> {
  const { model, tower, reading, source, groups, train, validation, changing, budget } = options;
  const lowest = firstTrainableStage(model.architecture, tower, groups, reading);
  const made: { dispose(): void }[] = [];
  const dispose = (): void => made.forEach((part) => part.dispose());
  const owned = <Part extends { dispose(): void }>(part: Part): Part => {
    made.push(part);
    return part;
  };
  let bytes = 0;
  const prefixOf = async (own: Pick<FrozenPrefixOptions, 'source' | 'samples'>): Promise<FrozenPrefix | null> => {
    if (lowest === 'embeddings') return null;
    const prefix = await FrozenPrefix.create({ ...options, ...own, budget: budget - bytes }, lowest);
    if (prefix === null) return null;
    bytes += prefix.bytes;
    return owned(prefix);
  };
  try {
    const views = changing?.views ?? null;
    const viewed = views && (await prefixOf({ source: views.source, samples: viewsOf(train, views.count) }));
    const still = await prefixOf({ source, samples: changing === null ? [...train, ...validation] : validation });
    const features = owned(
      await TowerPass.create(
        { ...options, source: still ?? source },
        still === null ? 'embeddings' : lowest,
        'features',
      ),
    );
    const trained = changing === null ? still : viewed;
    const repeated = lowest !== 'embeddings' && (changing === null || views !== null);
    return {
      trainFrom: trained === null ? 'embeddings' : lowest,
      trainSource(epoch) {
        if (changing === null) return still ?? source;
        return views !== null && viewed !== null ? oneView(viewed, views.count, epoch) : changing.source(epoch);
      },
      features,
      bytes,
      trained,
      kept: repeated ? (trained?.place ?? 'nowhere') : null,
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** All views of the given samples. */
function viewsOf(samples: readonly number[], count: number): readonly number[] {
  return samples.flatMap((sample) => Array.from({ length: count }, (_, view) => sample * count + view));
}

/** The view of every sample that is an epoch's turn. */
function oneView(views: SampleSource, count: number, epoch: number): SampleSource {
  return {
    count: views.count / count,
    inputs: (samples, rows) =>
      views.inputs(
        samples.map((sample) => sample * count + (epoch % count)),
        rows,
      ),
  };
}
