import type { PictureMedium, SampleRecord } from '../types';

/** A stored sample of the dataset `d` with the given content; the rest is made up, unless given. */
export function sampleRecord(
  hash: string,
  { picture, ...part }: Partial<SampleRecord> & { readonly picture?: Partial<PictureMedium> } = {},
): SampleRecord {
  return {
    id: `d/${hash}`,
    datasetId: 'd',
    hash,
    media: [{ kind: 'image', path: `${hash}.png`, type: 'image/png', width: 8, height: 8, bytes: 1, ...picture }],
    captions: [`picture ${hash}`],
    split: 'train',
    fields: {},
    order: 0,
    ...part,
  };
}
