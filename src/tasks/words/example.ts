import { examplesBy } from '../example';
import { writtenSchema } from './predictions';

/** Samples that words were written for. */
export const writtenExamples = examplesBy(writtenSchema, ({ imageId, question, wanted, base, tuned }) => [
  { imageId, ...(question === null ? {} : { asked: question }), wanted: wanted[0] ?? '', base, tuned },
]);
