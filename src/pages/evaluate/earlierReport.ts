/**
 * The newest finished job that asked the same as `key` of the same dataset before its last changes.
 *
 * @param jobs by `evaluationKey`
 * @param data the `dataKey` within `key`: the dataset's id and its revision
 */
export function earlierReport<Job extends { readonly state: string }>(
  jobs: Readonly<Record<string, Job>>,
  key: string,
  data: string,
  datasetId: string,
): Extract<Job, { readonly state: 'done' }> | undefined {
  const [before = '', after = ''] = key.split(data);
  const revisionIn = (other: string): number => {
    if (!other.startsWith(`${before}${datasetId} `) || !other.endsWith(after)) return -1;
    const revision = Number(other.slice(before.length + datasetId.length + 1, other.length - after.length));
    return Number.isInteger(revision) ? revision : -1;
  };
  const [newest] = Object.entries(jobs)
    .filter(([other, { state }]) => state === 'done' && revisionIn(other) >= 0)
    .sort(([a], [b]) => revisionIn(b) - revisionIn(a));
  return newest?.[1] as Extract<Job, { readonly state: 'done' }> | undefined;
}
