import { captioning } from '../../../tasks/captioning';
import { captionExamples, captionSubjects } from '../words/examples';
import type { WordKind } from '../words/words';
import { measuredCaptions } from './measured';

/** Captions: each picture with each of its captions is learned, and one is written for each picture. */
export const captions: WordKind = {
  description: captioning,
  examples: captionExamples,
  subjects: captionSubjects,
  measured: measuredCaptions,
  about: () => ({}),
  counted: 'captions',
};
