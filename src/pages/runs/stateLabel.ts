import type { Run } from '../../runs/types';

/** How a run stands, for people. */
export const stateLabel: Record<Run['state'], string> = {
  running: 'in progress',
  finished: 'finished',
  stopped: 'stopped',
  'early-stopping': 'stopped early',
  failed: 'failed',
  interrupted: 'interrupted',
};
