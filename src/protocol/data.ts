import type { SampleOptions } from '../dataset/samples';
import type { IntakeReport } from '../dataset/types';

/** What is asked of datasets. */
export interface DataRequests {
  /** Hands over files of the next import; `first` forgets earlier ones. Thousands in one message would hold up the page. */
  handFiles: {
    params: { readonly files: readonly { readonly path: string; readonly file: Blob }[]; readonly first: boolean };
    result: null;
  };
  /** Imports the files that were handed over. */
  importFiles: {
    params: { readonly datasetId: string | null; readonly name: string; readonly origin: string };
    result: { readonly datasetId: string; readonly report: IntakeReport };
  };
  /** Draws a sample and imports it. */
  makeSample: {
    params: SampleOptions;
    result: { readonly datasetId: string; readonly report: IntakeReport };
  };
  /** Ids of the pictures with a caption that is longer than the model reads, among those given, or all of the dataset (null). */
  longCaptions: {
    params: { readonly model: string; readonly datasetId: string; readonly imageIds: readonly string[] | null };
    result: readonly string[];
  };
  /** Pictures held back for validation or test that look like one that is trained on, each with that one. */
  findCopies: {
    params: { readonly datasetId: string };
    result: readonly { readonly imageId: string; readonly of: string }[];
  };
}
