import { useEffect } from 'react';
import { useCopies as useAnswers } from '../stores/copies';
import { useDataStore } from '../stores/data';
import { useDataKey } from './useDataKey';

/** Ids of the pictures of the dataset in use that are held back and look like one that is trained on; null while nobody has looked. */
export function useCopies(): readonly string[] | null {
  const datasetId = useDataStore(({ dataset }) => dataset?.id ?? null);
  const key = useDataKey();
  useEffect(() => {
    if (datasetId !== null) useAnswers.getState().ask(datasetId, key, { datasetId });
  }, [datasetId, key]);
  const answer = useAnswers(({ answers }) => (datasetId === null ? undefined : answers[datasetId]));
  return answer?.answered === key && answer.result !== null ? answer.result.map(({ imageId }) => imageId) : null;
}
