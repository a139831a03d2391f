import { readImages } from '../../dataset/storage';
import type { ImageRecord } from '../../dataset/types';
import { buildExport, type BuiltExport, type ExportInput } from '../../export/build';
import { summarizeData } from '../../export/facts';
import { readExport } from '../../export/read-back';
import { frozenTensorsUnchanged } from '../../export/weights';
import { readMetrics } from '../../runs/store';
import type { Backend } from '../compute/backend';
import type { DeviceLock } from '../device-lock';
import type { RequestContext } from './dispatcher';
import { Encoder } from '../features/encoder';
import { isCancelled, StudioError, throwIfCancelled } from '../../protocol/errors';
import { opened, type OpenedModel } from './models';
import type { EvaluationReport, ExportResult, Requests } from '../../protocol/protocol';
import { createRandom } from '../random';
import { evaluationReport } from './report';
import { dataOfRun, splitsOfRun } from '../data/run-data';
import { decodeStored } from '../features/samples';
import { runBase, type Weights, type WeightsRegistry } from './weights';

export interface ExportServices {
  readonly registry: WeightsRegistry;
  readonly backend: Backend;
  readonly lock: DeviceLock;
}

/** Largest difference of an embedding's elements that an export may show when it is read back. Rounding to float16 moves them by more. */
const tolerance = { float32: 1e-4, float16: 2e-2 } as const;
/** Pictures and captions that are compared. */
const compared = 8;

type Params = Requests['exportModel']['params'];

/**
 * Builds a zip that Transformers loads, reads it back as a stranger would and holds its embeddings against those of the trained model.
 *
 * @throws StudioError `export-mismatch` when the export does not compute what was trained; ExportError
 */
export async function exportModel(
  services: ExportServices,
  params: Params,
  context: RequestContext,
): Promise<ExportResult> {
  const { registry } = services;
  const { signal, progress } = context;
  const { precision } = params;
  const weights = await registry.find(params.weights, signal);
  const { model, run } = weights;
  const data = run === null ? 'gone' : await dataOfRun(run);
  const test = typeof data === 'string' ? null : await testReport(registry, params, data.dataset.id, context);
  const datasetId = params.datasetId ?? run?.dataset.id ?? null;
  const images = datasetId === null ? [] : (await readImages(datasetId)).items;
  const splits = run === null ? null : await splitsOfRun(run, data);
  progress({ label: 'Writing the files', done: 0, total: 3 });
  const { built, trained } = await write(weights, {
    name: run === null ? model.summary.name : `${model.summary.name} ${run.name}`,
    base: { id: model.id, name: model.summary.name, license: model.summary.license, card: model.loaded.card },
    baseWeights: await runBase(model),
    precision,
    run,
    data: typeof data === 'string' ? null : summarizeData(data.dataset.origin, data.images),
    dataChanged: data === 'changed',
    splits,
    steps: run === null ? [] : (await readMetrics(run.id)).rows,
    test,
    createdAt: Date.now(),
  });
  throwIfCancelled(signal);
  progress({ label: 'Reading them back', done: 1, total: 3 });
  const copy = opened('export', await readExport(built.zip, model.loaded));
  progress({ label: 'Comparing embeddings', done: 2, total: 3 });
  const maxDifference = await compareEmbeddings(services, weights, copy, images);
  if (!(maxDifference <= tolerance[precision])) {
    throw new StudioError(
      'export-mismatch',
      `The exported model does not give the same embeddings when it is read back: they differ by up to ${maxDifference}. The export was discarded; try float32, and report this if it stays.`,
    );
  }
  return {
    fileName: built.fileName,
    zip: built.zip,
    maxDifference,
    bytes: built.zip.size,
    tensors: built.tensors,
    frozenUnchanged: frozenTensorsUnchanged(model.loaded.stored, copy.loaded.stored, trained),
  };
}

/** Builds the zip. The trained tensors are not held any longer than that takes: reading back needs the room. */
async function write(
  weights: Weights,
  facts: ExportInput['facts'],
): Promise<{ readonly built: BuiltExport; readonly trained: ReadonlySet<string> }> {
  const changed = new Map<string, Float32Array>();
  for await (const [name, values] of weights.set.delta?.read() ?? []) changed.set(name, values);
  const built = await buildExport({ model: weights.model.loaded, changed, facts });
  return { built, trained: new Set(changed.keys()) };
}

/** Results on the test pictures for the model card; none where the split is empty, or the data was changed or deleted in the meantime. */
async function testReport(
  registry: WeightsRegistry,
  { weights }: Params,
  datasetId: string,
  context: RequestContext,
): Promise<EvaluationReport | null> {
  try {
    const report = await evaluationReport(registry, { weights, datasetId, split: 'test' }, context);
    return report.dataChanged ? null : report;
  } catch (error) {
    if (isCancelled(error) || !(error instanceof Error && 'code' in error)) throw error;
    return null;
  }
}

/** Largest absolute difference over a few pictures and captions, through each model's own image processor and tokenizer. */
async function compareEmbeddings(
  { backend, lock }: ExportServices,
  weights: Weights,
  copy: OpenedModel,
  images: readonly ImageRecord[],
): Promise<number> {
  const executor = await backend.executor(weights.model);
  const pictures = await somePictures(images);
  const captions = someCaptions(images);
  const features = async (encoder: Encoder, model: OpenedModel): Promise<readonly Float32Array[]> => [
    await encoder.images(pictures.length, (index) => Promise.resolve(model.preprocess(pictures[index] ?? blank))),
    await encoder.texts(captions),
  ];
  const trained = await weights.use((encoder) => features(encoder, weights.model));
  const encoder = await Encoder.create(copy, null, executor, lock);
  try {
    return largestDifference(trained, await features(encoder, copy));
  } finally {
    await encoder.dispose();
  }
}

const blank = { width: 1, height: 1, data: new Uint8ClampedArray(4) };

/** A few pictures of the dataset, or coloured noise where there are none. */
async function somePictures(images: readonly ImageRecord[]) {
  if (images.length > 0) return Promise.all(images.slice(0, compared).map((image) => decodeStored(image)));
  const random = createRandom(1);
  return Array.from({ length: compared }, () => ({
    width: 40,
    height: 30,
    data: new Uint8ClampedArray(40 * 30 * 4).map((_, i) => (i % 4 === 3 ? 255 : random() * 256)),
  }));
}

function someCaptions(images: readonly ImageRecord[]): readonly string[] {
  const captions = images.flatMap((image) => image.captions).slice(0, compared);
  return captions.length > 0 ? captions : ['a red circle', 'a dog', 'two shoes on a table', 'the sun'];
}

function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let largest = 0;
  a.forEach((values, list) => {
    values.forEach((value, index) => {
      const difference = Math.abs(value - (b[list]?.[index] ?? NaN));
      // NaN must win over every number.
      if (!(difference <= largest)) largest = difference;
    });
  });
  return largest;
}
