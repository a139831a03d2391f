import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { elementCount } from '../src/engine/graph/value';
import { openArchive } from '../src/export/archive';
import { buildExport } from '../src/export/build';
import { chosenFormat } from '../src/export/formats/writing';
import { wholeModel } from '../src/export/model';
import { exportFacts } from '../src/export/testing/facts';
import { modelTensors } from '../src/model/architecture';
import { openArchitecture } from '../src/model/families';
import { encodeTensor, tensorValues } from '../src/model/safetensors';
import { openModel, type LoadedModel } from '../src/model/source';
import { writeSafetensors } from '../src/model/testing/safetensors';
import type { WeightDelta } from '../src/runs/weight-set';
import type { Report } from './harness';

/** What `npm run bench -- export` measures: the memory that an export takes while it is written and read back. */
export interface ExportOptions {
  readonly format: string;
  /** Blocks of each tower; each has 28 MB of float32. */
  readonly blocks: number;
  readonly precision: 'float32' | 'float16';
}

export interface ExportResult extends ExportOptions {
  /** Bytes of the opened model's weights, and of the zip. */
  readonly modelBytes: number;
  readonly zipBytes: number;
  readonly writeMs: number;
  readonly readMs: number;
  /** Most bytes that are alive in buffers, beyond those of the opened model; Node counts the zip among them. */
  readonly peakBufferBytes: number;
  /** Most bytes of the whole process, where Node keeps model and zip too. */
  readonly peakProcessBytes: number;
}

/** Exports a model of the size of ViT-B/32 all of whose tensors were trained, in Node. Its tensors are made when they are read, as if from storage. */
export async function benchmarkExport(options: ExportOptions, report: Report): Promise<ExportResult> {
  const model = await syntheticModel(options.blocks);
  const chosen = chosenFormat(options.format, { precision: options.precision });
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage();
  const peak = { buffers: 0, process: 0 };
  const sample = (): void => {
    collect();
    const { arrayBuffers, rss } = process.memoryUsage();
    peak.buffers = Math.max(peak.buffers, arrayBuffers - before.arrayBuffers);
    peak.process = Math.max(peak.process, rss);
  };
  const timer = setInterval(sample, 50);
  const start = performance.now();
  const input = { model: wholeModel(model, trained(model)), options: chosen.options, facts: exportFacts };
  const { zip, content } = await buildExport(chosen.format, input);
  sample();
  const written = performance.now();
  report(`written in ${(written - start).toFixed(0)} ms`);
  const archive = await openArchive(zip);
  const { tensors } = await chosen.format.readBack(archive, content);
  let found = 0;
  for await (const tensor of tensors) {
    found += tensorValues(tensor).length;
  }
  await archive.close();
  clearInterval(timer);
  const read = performance.now();
  report(`${found} parameters read back in ${(read - written).toFixed(0)} ms`);
  return {
    ...options,
    modelBytes: model.bytes,
    zipBytes: zip.size,
    writeMs: written - start,
    readMs: read - written,
    peakBufferBytes: peak.buffers,
    peakProcessBytes: peak.process,
  };
}

function trained(model: LoadedModel): WeightDelta {
  const names = [...model.stored.keys()];
  return {
    names,
    async *read(wanted = names) {
      for (const name of wanted) {
        const values = model.tensors.get(name) ?? new Float32Array();
        for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * 1.001;
        yield [name, await Promise.resolve(values)] as const;
      }
    },
  };
}

const tokenizer = new URL('../public/models/seed-clip/', import.meta.url);

async function syntheticModel(blocks: number): Promise<LoadedModel> {
  const tower = {
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: blocks,
    num_attention_heads: 12,
    hidden_act: 'quick_gelu',
  };
  const special = { bos_token_id: 4094, eos_token_id: 4095, pad_token_id: 4095 };
  const config = {
    model_type: 'clip',
    projection_dim: 512,
    text_config: { ...tower, ...special, vocab_size: 4096, max_position_embeddings: 32 },
    vision_config: { ...tower, image_size: 224, patch_size: 32 },
  };
  return openModel({
    place: 'the benchmark',
    async read(name) {
      if (name === 'config.json') return new TextEncoder().encode(JSON.stringify(config));
      if (name === 'model.safetensors') return weights(config);
      const carried = /^(tokenizer|special|vocab|merges)/.test(name);
      return carried ? new Uint8Array(await readFile(new URL(name, tokenizer))) : null;
    },
  });
}

function weights(config: unknown): Uint8Array<ArrayBuffer> {
  return writeSafetensors(
    modelTensors(openArchitecture(config)).map(({ name, shape }, index) => {
      const values = new Float32Array(elementCount(shape));
      for (let i = 0; i < values.length; i++) values[i] = ((i * 7919 + index) % 1000) / 1e4;
      return encodeTensor(name, shape, values, 'F32');
    }),
  );
}
