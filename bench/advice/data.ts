import { baseColumns } from '../../src/dataset/columns';
import type { Dataset, SampleRecord } from '../../src/dataset/types';
import type { PixelReader } from '../../src/training/features/samples';
import { createRandom } from '../../src/training/random';
import type { Kind } from './kinds';

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

/** Pictures of a colour in one of four places, with noise of their own, a quarter for validation. What they show is their caption, their label, and as a number their size. */
export function noisyDataset(
  { noise = 0, pictures = 160 }: Kind,
  seed: number,
): { readonly dataset: Dataset; readonly records: readonly SampleRecord[]; readonly pixels: PixelReader } {
  const random = createRandom(seed);
  const drawn = new Map<string, Uint8Array>();
  const records = Array.from({ length: pictures }, (_, i): SampleRecord => {
    const hash = String(i).padStart(3, '0');
    const what = i % 16;
    const split = i % 4 === Math.floor(i / 16) % 4 ? 'validation' : 'train';
    drawn.set(hash, draw(what, random));
    const said = split === 'train' && random() < noise ? Math.floor(random() * 16) : what;
    return {
      id: `noisy/${hash}`,
      datasetId: 'noisy',
      hash,
      media: [{ kind: 'image', path: `${hash}.png`, type: 'image/png', width: side, height: side, bytes: 1 }],
      captions: [captions[said] ?? ''],
      split,
      fields: { kind: captions[said] ?? '', size: said },
      order: i,
    };
  });
  const dataset: Dataset = {
    id: 'noisy',
    name: 'noisy',
    createdAt: 0,
    split: { seed: 1, validation: 0.25, test: 0 },
    origin: 'files',
    columns: [...baseColumns, { name: 'kind', role: 'label' }, { name: 'size', role: 'number' }],
  };
  return {
    dataset,
    records,
    pixels: { pixels: ({ hash }) => Promise.resolve(drawn.get(hash) ?? new Uint8Array()) },
  };
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
