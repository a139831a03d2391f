import type { Requests } from '../protocol/protocol';
import { createJobs } from './jobs';

/** What models attend to, by `attentionKey`. */
export const useAttention = createJobs('attention', 'Looking at the picture');

/** What is asked of a model: to look for words, or for a class of its own head. */
export type AttentionQuestion = Requests['attention']['params']['of'];
/** A picture to look at. */
export type AttentionPicture = Requests['attention']['params']['picture'];

/** What an answer depends on, as one key. */
export function attentionKey(weights: string, picture: AttentionPicture, of: AttentionQuestion): string {
  return JSON.stringify([weights, picture.kind === 'stored' ? picture.id : picture.key, of]);
}
