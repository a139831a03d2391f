import { baseColumns } from '../../src/dataset/columns';
import { looksLike, lookOf } from '../../src/dataset/look';
import type { Dataset, SampleRecord, Split } from '../../src/dataset/types';
import type { PixelReader } from '../../src/training/features/samples';
import { createRandom } from '../../src/training/random';
import type { DataFaults } from './kinds';

const side = 16;
const captions = ['red', 'green', 'blue', 'white'].flatMap((colour) =>
  ['square', 'disc', 'bar', 'dot'].map((form) => `${colour} ${form}`),
);
const colours = [
  [255, 30, 30],
  [30, 255, 30],
  [30, 30, 255],
  [250, 250, 250],
] as const;
/** Pictures of a group. */
const groupSize = 4;

export interface DrawnData {
  readonly dataset: Dataset;
  readonly records: readonly SampleRecord[];
  readonly pixels: PixelReader;
  /** Ids of the pictures that are held back and look like one that is trained on. */
  readonly copies: readonly string[];
}

/**
 * Pictures of a colour in one of four places, with noise of their own, a quarter for validation. What they show is their caption, their label, and as a
 * number their size.
 */
export function noisyDataset(faults: DataFaults, seed: number, test = 0): DrawnData {
  const { noise = 0, pictures = 160, uneven = false, groups, copies = 0 } = faults;
  const random = createRandom(seed);
  const drawn = new Map<string, Uint8Array>();
  const trained = new Map<number, number>();
  const all = Array.from({ length: pictures + test }, (_, i): SampleRecord => {
    const hash = String(i).padStart(3, '0');
    const what = i % 16;
    const held: Split = i % 4 === Math.floor(i / 16) % 4 ? 'validation' : 'train';
    const split: Split = i < pictures ? held : 'test';
    drawn.set(hash, draw(what, random));
    const said = split === 'train' && random() < noise ? Math.floor(random() * 16) : what;
    if (split === 'train') trained.set(said, (trained.get(said) ?? 0) + 1);
    // Neighbours are of both splits.
    const group = groups === 'split' ? Math.floor(i / groupSize) : `${split} ${Math.floor(i / (4 * groupSize))}`;
    return {
      id: `noisy/${hash}`,
      datasetId: 'noisy',
      hash,
      media: [{ kind: 'image', path: `${hash}.png`, type: 'image/png', width: side, height: side, bytes: 1 }],
      captions: [captions[said] ?? ''],
      split,
      fields: { kind: captions[said] ?? '', size: said, ...(groups === undefined ? {} : { group: String(group) }) },
      order: i,
      ...(uneven && split === 'train' && said % 2 === 0 && (trained.get(said) ?? 0) > 1 ? { excluded: true } : {}),
    };
  });
  const records = all.filter(({ excluded }) => excluded !== true);
  const held = records.filter(({ split }) => split === 'validation').slice(0, copies);
  for (const { hash, captions: said } of held) {
    const original = records.find(({ split, captions: own }) => split === 'train' && own[0] === said[0]);
    if (original !== undefined)
      drawn.set(
        hash,
        Uint8Array.from(drawn.get(original.hash) ?? [], (value) => value ^ 1),
      );
  }
  const dataset: Dataset = {
    id: 'noisy',
    name: 'noisy',
    createdAt: 0,
    split: { seed: 1, validation: 0.25, test: 0 },
    origin: 'files',
    columns: [
      ...baseColumns,
      { name: 'kind', role: 'label' },
      { name: 'size', role: 'number' },
      ...(groups === undefined ? [] : [{ name: 'group', role: 'group' as const }]),
    ],
  };
  const pixelsOf = (hash: string): Uint8Array => drawn.get(hash) ?? new Uint8Array();
  return {
    dataset,
    records,
    pixels: { pixels: ({ hash }) => Promise.resolve(pixelsOf(hash)) },
    copies: copiesAmong(records, pixelsOf),
  };
}

/** As the studio looks for them. */
function copiesAmong(records: readonly SampleRecord[], pixelsOf: (hash: string) => Uint8Array): readonly string[] {
  const looks = records.map(({ id, hash, split }) => {
    const data = new Uint8ClampedArray(4 * side * side).fill(255);
    pixelsOf(hash).forEach((value, at) => (data[4 * Math.floor(at / 3) + (at % 3)] = value));
    return { id, split, look: lookOf({ width: side, height: side, data }) };
  });
  const trained = looks.filter(({ split }) => split === 'train');
  return looks
    .filter(({ split, look }) => split !== 'train' && trained.some((other) => looksLike(other.look, look)))
    .map(({ id }) => id);
}

function draw(what: number, random: () => number): Uint8Array {
  const pixels = Uint8Array.from({ length: 3 * side * side }, () => Math.floor(random() * 110));
  const colour = colours[what >> 2] ?? colours[0];
  const [left, top] = [what & 1 ? 8 : 0, what & 2 ? 8 : 0];
  for (let y = top; y < top + 8; y++) {
    for (let x = left; x < left + 8; x++) {
      const at = 3 * (y * side + x);
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel] = Math.round(0.6 * (colour[channel] ?? 0) + 0.4 * (pixels[at + channel] ?? 0));
      }
    }
  }
  return pixels;
}
