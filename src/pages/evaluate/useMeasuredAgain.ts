import { useEffect } from 'react';
import type { Run } from '../../runs/types';
import { useRunStore } from '../../stores/run';
import { mayMeasureTest, measureTest, testKey } from '../../stores/testAfterRun';

/** Asked for since the page was opened: what was cancelled or has failed begins again only when the user says so. */
const begun = new Set<string>();

/**
 * A run notes its figures on the test pictures when it ends, and no more of them: to show the rest after the page was opened anew it is measured again.
 * Training is not made to wait for it.
 *
 * @param key `evaluationKey` of what the page shows
 * @param shown whether there is something to show already
 */
export function useMeasuredAgain(run: Run | null, key: string, shown: boolean): void {
  const trains = useRunStore(({ active }) => active !== null);
  const due = run !== null && run.test !== null && !shown && !trains && key === testKey(run) && mayMeasureTest(run);
  useEffect(() => {
    if (!due || begun.has(key)) return;
    begun.add(key);
    measureTest(run);
  }, [due, key, run]);
}
