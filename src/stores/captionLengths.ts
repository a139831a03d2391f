import type { Dataset, SampleRecord } from '../dataset/types';
import type { ModelSummary } from '../protocol/models';
import { client } from './client';
import { Turns } from './turns';

/** What is counted: the pictures in use, by the tokenizer of the open model. */
interface Counted {
  readonly dataset: Dataset | null;
  readonly model: ModelSummary | null;
  readonly images: readonly SampleRecord[];
  readonly tooLong: ReadonlySet<string> | null;
}

/** Has the worker find captions over the model's length. An answer that a newer question has overtaken is left out. */
export class CaptionLengths {
  private readonly turns = new Turns();
  private countingAll = false;

  constructor(
    private readonly state: () => Counted,
    private readonly show: (tooLong: ReadonlySet<string> | null) => void,
  ) {}

  /** Counts the captions of all pictures in use. */
  async countAll(): Promise<void> {
    const { dataset, model, images } = this.state();
    const isNewest = this.turns.next();
    this.countingAll = true;
    let tooLong: ReadonlySet<string> | null = null;
    if (dataset !== null && model !== null && images.length > 0) {
      tooLong = await find(model.id, dataset.id, null);
    }
    if (!isNewest()) return;
    this.countingAll = false;
    this.show(tooLong);
  }

  /** Counts the captions of one picture again. */
  async count({ id, datasetId }: SampleRecord): Promise<void> {
    const { model, tooLong } = this.state();
    if (model === null) return;
    // A count of all may have read what was there before.
    if (tooLong === null || this.countingAll) return this.countAll();
    const isCurrent = this.turns.current();
    const long = await find(model.id, datasetId, [id]);
    if (!isCurrent() || long === null) return;
    const others = [...(this.state().tooLong ?? [])].filter((other) => other !== id);
    this.show(new Set([...others, ...long]));
  }
}

/** Null where they cannot be counted. Nobody asked for it by name; where captions are cut, the run says so again. */
async function find(
  model: string,
  datasetId: string,
  imageIds: readonly string[] | null,
): Promise<ReadonlySet<string> | null> {
  try {
    return new Set(await client.request('longCaptions', { model, datasetId, imageIds }));
  } catch {
    return null;
  }
}
