import { decodeImage } from '../../dataset/codec';
import { looksLike, lookOf, type Look } from '../../dataset/look';
import { readThumbnails } from '../../dataset/storage';
import type { SampleRecord } from '../../dataset/types';
import type { Requests } from '../../protocol/protocol';
import { readRecords } from '../data/dataset-records';
import { yieldToMessages } from '../device-lock';
import type { RequestContext } from './dispatcher';

/** Thumbnails read at once. */
const atOnce = 50;
/** Looks remembered; beyond that all are forgotten and found again as they are met. */
const remembered = 100_000;

/** Finds pictures that are held back for validation or test and look like one that is trained on. A picture that was looked at is not looked at again. */
export class Copies {
  private readonly looks = new Map<string, Look | null>();

  async find(
    { datasetId }: Requests['findCopies']['params'],
    { signal, progress }: Pick<RequestContext, 'signal' | 'progress'>,
  ): Promise<Requests['findCopies']['result']> {
    const { items } = await readRecords(datasetId);
    if (this.looks.size > remembered) this.looks.clear();
    for (let from = 0; from < items.length; from += atOnce) {
      await this.lookAt(items.slice(from, from + atOnce).filter(({ id }) => !this.looks.has(id)));
      progress({ label: 'Looking for copies', done: Math.min(items.length, from + atOnce), total: items.length });
      await yieldToMessages();
      signal.throwIfAborted();
    }
    const trained = items.flatMap((image) => (image.split === 'train' ? this.seen(image) : []));
    const copies: { imageId: string; of: string }[] = [];
    for (const [place, image] of items.entries()) {
      if (image.split === 'train') continue;
      const [own] = this.seen(image);
      const original = own && trained.find(({ look }) => looksLike(look, own.look));
      if (original !== undefined) copies.push({ imageId: image.id, of: original.id });
      if (place % atOnce === 0) {
        await yieldToMessages();
        signal.throwIfAborted();
      }
    }
    return copies;
  }

  private seen({ id }: SampleRecord): readonly { readonly id: string; readonly look: Look }[] {
    const look = this.looks.get(id) ?? null;
    return look === null ? [] : [{ id, look }];
  }

  private async lookAt(images: readonly SampleRecord[]): Promise<void> {
    const thumbnails = await readThumbnails(images.map(({ id }) => id));
    for (const [place, { id }] of images.entries()) {
      const thumbnail = thumbnails[place] ?? null;
      // What cannot be looked at is like nothing.
      const decoded = thumbnail === null ? null : await decodeImage(thumbnail).catch(() => null);
      this.looks.set(id, decoded === null ? null : lookOf(decoded));
    }
  }
}
