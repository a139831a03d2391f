import { readImage } from '../../dataset/storage';
import type { SampleRecord } from '../../dataset/types';
import { readRecords } from '../data/dataset-records';
import type { RequestContext } from './dispatcher';
import { yieldToMessages } from '../device-lock';
import type { ModelLibrary } from './models';
import type { Requests } from '../../protocol/protocol';

/** Captions tokenized between two looks at the messages. */
const atOnce = 500;
/** Captions remembered; beyond that all are forgotten and counted again as they are met. */
const remembered = 200_000;

/** Finds captions that a model reads only the beginning of. What was counted once for a model is not counted again. */
export class LongCaptions {
  private readonly truncated = new Map<string, boolean>();
  private model = '';

  constructor(private readonly models: Pick<ModelLibrary, 'open'>) {}

  /** Ids of the pictures with such a caption. */
  async find(
    { model, datasetId, imageIds }: Requests['longCaptions']['params'],
    { signal }: Pick<RequestContext, 'signal'>,
  ): Promise<readonly string[]> {
    const { tokenizer } = (await this.models.open(model, null, { signal })).loaded;
    const records = imageIds === null ? (await readRecords(datasetId)).items : await readSome(imageIds);
    if (this.model !== model || this.truncated.size > remembered) this.truncated.clear();
    this.model = model;
    const long: string[] = [];
    let counted = 0;
    for (const { id, captions } of records) {
      for (const caption of captions) {
        let isLong = this.truncated.get(caption);
        if (isLong === undefined) {
          isLong = tokenizer.encode(caption).truncated;
          // Another model may have been asked about while this waited.
          if (this.model === model) this.truncated.set(caption, isLong);
          counted += 1;
          if (counted % atOnce === 0) {
            await yieldToMessages();
            signal.throwIfAborted();
          }
        }
        if (isLong) {
          long.push(id);
          break;
        }
      }
    }
    return long;
  }
}

async function readSome(imageIds: readonly string[]): Promise<readonly SampleRecord[]> {
  const records = await Promise.all(imageIds.map(readImage));
  return records.filter((record) => record !== null);
}
