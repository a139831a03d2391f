import { useEffect, useState } from 'react';
import type { LiveRun } from '../../stores/liveRun';
import { watchRun } from '../../stores/watch';

/** A run that another tab trains, as it goes on; null while nothing is known of it, and where none is to be watched. */
export function useWatchedRun(runId: string | null): LiveRun | null {
  const [live, setLive] = useState<LiveRun | null>(null);
  useEffect(() => (runId === null ? undefined : watchRun(runId, setLive)), [runId]);
  return live?.runId === runId ? live : null;
}
