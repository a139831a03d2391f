import { encode } from 'fast-png';
import type { ImageCodec } from '../codec';
import { readImageInfo } from '../image-info';
import type { GivenFile } from '../source';

/** A PNG of one colour; different seeds give different bytes. */
export function makePng(seed: number, width = 8, height = width): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set([seed & 255, (seed >> 8) & 255, (seed * 7) & 255], i);
  return new Uint8Array(encode({ width, height, data, channels: 3 }));
}

/** A file as the page hands it over. */
export function givenFile(path: string, content: string | Uint8Array<ArrayBuffer>): GivenFile {
  return { path, file: new Blob([content]) };
}

/** Stands in for the browser's decoder in Node: takes what has a sound header, and no bytes that say "broken". */
export const headerCodec: ImageCodec = {
  inspect(bytes) {
    if (new TextDecoder('latin1').decode(bytes).includes('broken')) {
      return Promise.reject(new Error('The picture does not decode: it is damaged or cut short.'));
    }
    const { width, height } = readImageInfo(bytes);
    return Promise.resolve({ width, height, thumbnail: new Blob([bytes]) });
  },
};
