import type {
  Interval,
  ChangeIntervals,
  DirectionIntervals,
  DirectionMetrics,
  RetrievalMetrics,
  TrainedCaptions,
} from '../protocol/protocol';
import type { ExportFacts } from './facts';
import { count, percent, table } from './markdown';

/**
 * Fewest pictures whose recall is published. Of fewer, one picture is more than two points and chance alone moves a recall by up to 14 points
 * (95 %, at a recall of one half), which says nothing about other pictures.
 */
export const fewestPictures = 50;

/** Metrics of the base model and of the exported weights on the same pictures. */
export interface Results {
  readonly split: 'test' | 'validation';
  readonly base: RetrievalMetrics;
  readonly tuned: RetrievalMetrics;
  /** Null where there are too few pictures to tell. */
  readonly change: ChangeIntervals | null;
  /** Null where it was not counted. */
  readonly trained: TrainedCaptions | null;
}

/** Everything that was measured with the exported weights: on the test pictures, then on the validation pictures at the exported step. */
function measured({ run, test }: ExportFacts): Results[] {
  const found: Results[] = [];
  if (test !== null && test.tuned !== null) {
    const { base, tuned, change, trained } = test;
    found.push({ split: 'test', base, tuned, change, trained });
  }
  // At step 0 nothing was changed that could be compared.
  if (run !== null && run.baseline !== null && run.weightsStep !== 0) {
    const tuned = run.evaluations.find(({ step }) => step === run.weightsStep) ?? run.evaluations.at(-1);
    if (tuned !== undefined) {
      found.push({ split: 'validation', base: run.baseline, tuned, change: tuned.change, trained: null });
    }
  }
  return found;
}

/** The results that the card gives: of the test pictures where they are many enough, else of the validation pictures; null where neither are. */
export function publishedResults(facts: ExportFacts): Results | null {
  return measured(facts).find(({ tuned }) => tuned.gallery >= fewestPictures) ?? null;
}

/** The card's section on results. */
export function resultsSection(facts: ExportFacts): string {
  const published = publishedResults(facts);
  if (published === null) return withheld(facts);
  const { split, base, tuned, change } = published;
  const rows = [
    ...directionRows('Text → image', base.textToImage, tuned.textToImage, change?.textToImage ?? null),
    ...directionRows('Image → text', base.imageToText, tuned.imageToText, change?.imageToText ?? null),
    [`Contrastive loss${sizeOf(tuned)}`, base.loss.toFixed(3), tuned.loss.toFixed(3), bounds(change?.loss, 1, 3)],
  ];
  const chosen =
    split === 'validation' && facts.run?.recipe.restoreBest === true
      ? ' The weights were chosen by these very pictures, so expect a little less on new ones.'
      : '';
  const captions = tuned.captions === null ? '' : ` and their ${count(tuned.captions)} distinct captions`;
  const about = `Retrieval among ${count(tuned.gallery)} ${split} pictures${captions}. None of the pictures was trained on.${trainedSentence(published)}${chosen}`;
  if (change === null) {
    const plain = rows.map((row) => row.slice(0, 3));
    return `## Results\n\n${about}\n\n${table(['Metric', 'Base model', 'This model'], plain)}`;
  }
  const reading = `The last column is the 95 % interval of the change (percentage points for recall), from a paired bootstrap over ${count(change.groups)} captions with their pictures. Where it holds 0, the change may be chance.`;
  return `## Results\n\n${about}\n\n${table(['Metric', 'Base model', 'This model', 'Change, 95 %'], rows)}\n\n${reading}`;
}

function directionRows(
  name: string,
  before: DirectionMetrics,
  after: DirectionMetrics,
  change: DirectionIntervals | null,
): (readonly string[])[] {
  const recall = (depth: string, key: 'recallAt1' | 'recallAt5' | 'recallAt10'): readonly string[] => [
    `${name} Recall@${depth}`,
    percent(before[key]),
    percent(after[key]),
    bounds(change?.[key], 100, 1),
  ];
  return [
    recall('1', 'recallAt1'),
    recall('5', 'recallAt5'),
    recall('10', 'recallAt10'),
    [`${name} median rank`, String(before.medianRank), String(after.medianRank), bounds(change?.medianRank, 1, 1)],
    [`${name} mean rank`, before.meanRank.toFixed(1), after.meanRank.toFixed(1), bounds(change?.meanRank, 1, 1)],
  ];
}

/** `+0.8 to +7.4`. */
function bounds(interval: Interval | undefined, scale: number, digits: number): string {
  if (interval === undefined) return '';
  const signed = (value: number): string => {
    const text = (scale * value).toFixed(digits);
    if (Number(text) === 0) return '0';
    return Number(text) > 0 ? `+${text}` : `−${text.slice(1)}`;
  };
  return `${signed(interval.low)} to ${signed(interval.high)}`;
}

function sizeOf({ lossPairs }: RetrievalMetrics): string {
  return lossPairs === null ? '' : ` over batches of ${count(lossPairs)} pairs`;
}

/** What the captions of the pictures have to do with training. */
function trainedSentence({ trained, tuned: { gallery } }: Results): string {
  if (trained === null || trained.pictures === 0) return '';
  const pictures = trained.pictures === gallery ? `All ${count(gallery)}` : `${count(trained.pictures)}`;
  return ` ${pictures} of them carry captions that were trained on with other pictures: known words, new pictures.`;
}

/** Why there are no results where something was measured. */
function withheld(facts: ExportFacts): string {
  const sizes = measured(facts).map(({ split, tuned }) => `${count(tuned.gallery)} ${split}`);
  if (sizes.length === 0) return '';
  return `## Results\n\nNone are given. Only ${sizes.join(' and ')} pictures were measured, and of fewer than ${fewestPictures} a recall says little: chance alone moves it by more than 14 points. Measure on more pictures before you rely on this model.`;
}
