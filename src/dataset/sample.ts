import type { PictureMedium, SampleRecord } from './types';

/** The picture of a sample. */
export function pictureOf({ media: [picture] }: Pick<SampleRecord, 'media'>): PictureMedium {
  return picture;
}
