import { isFields, type Fields, type Migration } from '../recipe/versions';

/**
 * Version 3 keeps all that is measured as numbers by name. Until version 2 records had the structure of retrieval, the one task there was. The
 * names are those that retrieval describes; what is not of the old structure stays as it is, for the schema to judge.
 */
export const metricsByName: Migration = ({ probes, ...fields }) => ({
  ...fields,
  ...(fields['baseline'] === undefined ? {} : { baseline: retrieval(fields['baseline']) }),
  ...(Array.isArray(fields['evaluations']) ? { evaluations: fields['evaluations'].map(evaluation) } : {}),
  ...(fields['test'] === undefined ? {} : { test: testResult(fields['test']) }),
  predictions: probes ?? null,
});

/** A row of a training curve, with what only contrastive training has under `extra`. */
export function rowByName(row: unknown): unknown {
  if (!isFields(row) || row['extra'] !== undefined) return row;
  const { logitScale, ...rest } = row;
  return { ...rest, extra: { logitScale } };
}

const directions = ['imageToText', 'textToImage'] as const;
const ofDirection = ['recallAt1', 'recallAt5', 'recallAt10', 'meanRank', 'medianRank'] as const;
const ofGuess = ['recallAt1', 'meanRank'] as const;

function retrieval(found: unknown): unknown {
  if (!isFields(found)) return found;
  const named: Record<string, unknown> = { loss: found['loss'], pictures: found['gallery'] };
  for (const direction of directions) {
    const measured = found[direction];
    if (!isFields(measured)) return found;
    for (const name of ofDirection) named[`${direction}.${name}`] = measured[name];
  }
  named['accuracy'] = named['imageToText.recallAt1'];
  for (const at of [1, 5, 10]) {
    const [images, captions] = directions.map((direction) => Number(named[`${direction}.recallAt${at}`]));
    named[`recall@${at}`] = ((images ?? NaN) + (captions ?? NaN)) / 2;
  }
  // What version 1 did not measure is null in version 2, and absent from now on.
  for (const name of ['captions', 'lossPairs'])
    if (found[name] !== null && found[name] !== undefined) named[name] = found[name];
  const { guess } = found;
  for (const direction of directions) {
    const guessed = isFields(guess) ? guess[direction] : null;
    if (isFields(guessed)) for (const name of ofGuess) named[`guess.${direction}.${name}`] = guessed[name];
  }
  return named;
}

function evaluation(found: unknown): unknown {
  if (!isFields(found)) return found;
  const { step, seconds, change, ...measured } = found;
  return { step, seconds, metrics: retrieval(measured), change: intervals(change) };
}

function testResult(found: unknown): unknown {
  if (!isFields(found)) return found;
  const { step, base, tuned, change, trained } = found;
  if (!isFields(trained)) return found;
  const about = { trainedCaptions: trained['captions'], trainedPictures: trained['pictures'] };
  return { step, base: retrieval(base), tuned: retrieval(tuned), change: intervals(change), about };
}

function intervals(found: unknown): unknown {
  if (!isFields(found)) return found ?? null;
  const named: Record<string, unknown> = { loss: found['loss'], 'recall@1': found['bothRecallAt1'] };
  for (const direction of directions) {
    const changed: Fields | null = isFields(found[direction]) ? found[direction] : null;
    for (const name of ofDirection) named[`${direction}.${name}`] = changed?.[name];
  }
  return { intervals: { ...named, accuracy: named['imageToText.recallAt1'] }, groups: found['groups'] };
}
