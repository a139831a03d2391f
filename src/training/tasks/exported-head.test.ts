// @module-tag slow

import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { buildExport } from '../../export/build';
import type { ExportPrecision } from '../../export/options';
import { huggingface } from '../../export/formats/huggingface/format';
import { readExport } from '../../export/testing/export';
import { exportFacts, finishedRun } from '../../export/testing/facts';
import { tinyClip, tinySide } from '../../export/testing/tiny-clip';
import { tinySiglip } from '../../export/testing/tiny-siglip';
import { readOnnx } from '../../export/testing/onnx';
import { unpack } from '../../export/testing/unpack';
import { readSafetensors } from '../../model/safetensors';
import type { LoadedModel } from '../../model/source';
import type { RecipeChange } from '../../recipe/fields';
import { heldDelta } from '../../runs/weight-set';
import { DeviceLock } from '../device-lock';
import { Encoder } from '../features/encoder';
import { createRandom } from '../random';
import { opened } from '../services/models';
import { recipeOf } from '../testing/fakes';
import { withHead } from './exported-head';
import { headShape } from './heads/shape';
import { headParts } from './heads/tower-graph';
import { headOutputs } from './heads/trained-head';

/** Exports of heads, with what the studio computes of some samples; `reference/check_head.py` holds the loader against it. */

const out = path.resolve('out/heads');
const labels = ['bad', 'good', 'so-so'];
const scales = labels.map((name, place) => ({ name, mean: place, deviation: 1 + place }));
const texts = ['a red apple on a table', 'two dogs', null] as const;

let executor: Executor;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
  await rm(out, { recursive: true, force: true });
});

interface Case {
  readonly name: string;
  readonly siglip?: true;
  /** A classifier of Transformers, which has no files of its own for the head. */
  readonly plain?: true;
  readonly precision?: ExportPrecision;
  readonly changes: RecipeChange;
}

const cases: readonly Case[] = [
  { name: 'concat', changes: { input: 'both', fusion: 'concat', head: 'mlp' } },
  { name: 'gate', changes: { input: 'both', fusion: 'gate', head: 'linear' } },
  { name: 'attention', changes: { input: 'both', fusion: 'attention', head: 'mlp', fusionBlocks: 2, fusionHeads: 2 } },
  { name: 'words', changes: { input: 'words', head: 'mlp' } },
  { name: 'picture', changes: { input: 'picture', head: 'mlp' } },
  { name: 'picture-ordered', changes: { input: 'picture', labelKind: 'ordered' } },
  { name: 'attention-siglip', siglip: true, changes: { input: 'both', fusion: 'attention', fusionHeads: 2 } },
  { name: 'gate-siglip', siglip: true, changes: { input: 'both', fusion: 'gate' } },
  { name: 'gate-in-halves', precision: 'float16', changes: { input: 'both', fusion: 'gate', head: 'mlp' } },
  { name: 'several', changes: { input: 'both', labelKind: 'several' } },
  { name: 'ordered', changes: { input: 'both', labelKind: 'ordered', fusion: 'gate' } },
  { name: 'regression', changes: { task: 'regression', input: 'both', head: 'mlp' } },
  { name: 'regression-picture', changes: { task: 'regression', input: 'picture', head: 'linear' } },
  { name: 'plain', plain: true, changes: { input: 'picture' } },
  { name: 'plain-several', plain: true, changes: { input: 'picture', labelKind: 'several' } },
  { name: 'plain-siglip', plain: true, siglip: true, changes: { input: 'picture' } },
  { name: 'plain-in-halves', plain: true, precision: 'float16', changes: { input: 'picture' } },
];

test.each(cases)(
  'a head by $name is exported and read back',
  async ({ name, siglip, plain = false, precision = 'float32', changes }) => {
    const loaded: LoadedModel = siglip ? await tinySiglip() : await tinyClip(precision === 'float16' ? 'F16' : 'F32');
    const recipe = recipeOf({ task: 'classification', headWidth: 16, ...changes });
    const { task: part } = recipe;
    if (part.type !== 'classification' && part.type !== 'regression') throw new Error('no head');
    const ordered = part.type === 'classification' && part.labelKind === 'ordered';
    const outputs = ordered ? labels.length - 1 : labels.length;
    const shape = headShape(part, loaded.architecture, { outputs, ordered });
    const random = createRandom(5);
    const tensors = new Map(
      headParts(shape).map(({ name: tensor, shape: extents }) => [
        tensor,
        Float32Array.from(
          { length: extents.reduce((a, b) => a * b, 1) },
          () => Math.round(256 * (random() - 0.5)) / 256,
        ),
      ]),
    );
    const delta = heldDelta(tensors);
    const model = withHead(loaded, delta, {
      run: { recipe, scales: part.type === 'regression' ? scales : null },
      labels,
      kept: { temperature: 1.5 },
    });
    const facts = {
      ...exportFacts,
      run: { ...finishedRun, recipe, labels },
      base: { ...exportFacts.base, card: loaded.card },
    };
    const options = { precision, examples: 'none' } as const;
    const built = await buildExport(huggingface, { model, options, facts });
    await readExport(huggingface, built.zip, built.content);
    const files = await unpack(built.zip);
    const own = ['head.json', 'head.py', 'head.safetensors'];
    expect([...files.keys()].filter((file) => file.startsWith('head')).sort()).toEqual(plain ? [] : own);

    // The card's code opens what is there, and turns what comes out into what was trained.
    const card = new TextDecoder().decode(files.get('README.md')?.bytes);
    expect(card).toContain(plain ? 'AutoModelForImageClassification.from_pretrained' : 'from head import Head');
    expect(card).toContain('session.run(["logits"], ');
    if (plain) expect(card).toContain(name === 'plain-several' ? '.sigmoid()' : '.softmax(dim=-1)');
    else if (part.input !== 'both')
      expect(card).toContain(part.input === 'words' ? 'words="some' : 'head("picture.jpg"))');

    // Of every tensor the ONNX file says where its bytes lie.
    const onnx = readOnnx(files.get('model.onnx')?.bytes ?? new Uint8Array());
    expect(onnx.outputs).toEqual(['logits']);
    const says = onnx.metadata.get(plain ? 'config.json' : 'head.json') ?? '';
    expect(JSON.parse(says)).toEqual(plain ? model.config : model.head?.config);
    const stored = ['model.safetensors', ...(plain ? [] : ['head.safetensors'])].flatMap((file) => [
      ...readSafetensors(files.get(file)?.bytes ?? new Uint8Array(), file).values(),
    ]);
    expect(onnx.outside.map((each) => each.name)).toEqual(
      expect.arrayContaining(headParts(shape).flatMap((part) => (part.name.startsWith('classifier') ? part.name : []))),
    );
    for (const { name: tensor, place, shape: extents } of onnx.outside) {
      const wanted = stored.find((each) => each.name === tensor);
      const { bytes } = files.get(place.get('location') ?? '') ?? {};
      const offset = Number(place.get('offset'));
      expect(wanted?.shape, tensor).toEqual(extents);
      expect(bytes?.slice(offset, offset + Number(place.get('length'))), tensor).toEqual(wanted?.bytes.slice());
    }

    const handle = opened('test', loaded);
    const lock = new DeviceLock();
    const encoder = await Encoder.create(handle, heldDelta(new Map()), executor, lock);
    // The size that the model takes, so that nothing is resized on the way; of each sample one colour a quarter.
    const pixels = texts.map((_, sample) =>
      Uint8Array.from({ length: 3 * tinySide ** 2 }, (__, at) => {
        const place = Math.floor(at / 3);
        const quarter = Number(place % tinySide >= tinySide / 2) + 2 * Number(place >= tinySide ** 2 / 2);
        return ((quarter + sample + 1) * (at % 3 === 0 ? 60 : at % 3 === 1 ? 37 : 91)) % 256;
      }),
    );
    const logits = await headOutputs({ model: handle, set: { delta }, use: (work) => work(encoder) }, shape, {
      count: texts.length,
      pixels: (sample) => Promise.resolve(pixels[sample] ?? new Uint8Array()),
      words: texts,
    });
    await encoder.dispose();
    expect(logits.every(Number.isFinite)).toBe(true);
    const folder = path.join(out, name);
    await mkdir(folder, { recursive: true });
    for (const [file, { bytes }] of files) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), bytes);
    }
    const values = texts.map((words, sample) => ({
      words: part.input === 'words' && words === null ? '' : words,
      side: tinySide,
      pixels: [...(pixels[sample] ?? [])],
      logits: [...logits.subarray(sample * outputs, (sample + 1) * outputs)],
    }));
    await writeFile(path.join(folder, 'values.json'), JSON.stringify(values));
  },
);
