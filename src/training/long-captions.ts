import { readImages } from '../dataset/storage';
import type { RequestContext } from './dispatcher';
import { yieldToMessages } from './device-lock';
import type { ModelLibrary } from './models';

/** Captions tokenized between two looks at the messages. */
const atOnce = 500;

/** Ids of the pictures with a caption that the model reads only the beginning of. */
export async function longCaptions(
  models: ModelLibrary,
  { model, datasetId }: { readonly model: string; readonly datasetId: string },
  { signal }: Pick<RequestContext, 'signal'>,
): Promise<readonly string[]> {
  const { tokenizer } = (await models.open(model, null, { signal })).loaded;
  const { items } = await readImages(datasetId);
  const long: string[] = [];
  for (const [index, { id, captions }] of items.entries()) {
    if (captions.some((caption) => tokenizer.encode(caption).truncated)) long.push(id);
    if (index % atOnce === atOnce - 1) {
      await yieldToMessages();
      signal.throwIfAborted();
    }
  }
  return long;
}
