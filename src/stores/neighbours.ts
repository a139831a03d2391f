import { createJobs } from './jobs';

/** What lies nearest to a picture before and after training, by `neighboursKey`. */
export const useNeighbours = createJobs('neighbours', 'Looking at the pictures');

/** Groups among samples, by `groupsKey`. */
export const useSampleGroups = createJobs('groupSamples', 'Looking at the pictures');

/** @param data a `dataKey` */
export function neighboursKey(weights: string, data: string, imageId: string): string {
  return JSON.stringify([weights, data, imageId]);
}

/** @param data a `dataKey` */
export function groupsKey(weights: string, data: string, imageIds: readonly string[]): string {
  return JSON.stringify([weights, data, imageIds]);
}
