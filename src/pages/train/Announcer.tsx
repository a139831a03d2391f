import { memo } from 'react';
import type { LiveRun } from '../../stores/liveRun';
import { selectionText } from '../runs/result';
import spoken from '../../components/spoken.module.css';

const endWords = {
  finished: 'Training has finished.',
  stopped: 'Training has stopped.',
  'early-stopping': 'Training has stopped early.',
  failed: 'Training has failed.',
  interrupted: 'Training was interrupted.',
} as const;

/** Tells screen readers what one would see happen: each evaluation, pauses, the end. Not every step. */
export const Announcer = memo(function Announcer({
  evaluations,
  recipe,
  phase,
  end,
}: Pick<LiveRun, 'evaluations' | 'recipe' | 'phase' | 'end'>) {
  const newest = evaluations.at(-1);
  const evaluation =
    newest === undefined ? '' : `Step ${newest.step}: ${selectionText(recipe, newest.metrics).join(' ')}.`;
  const state = end === null ? (phase === 'paused' ? 'Paused.' : '') : endWords[end.reason];
  return (
    <p className={spoken['spoken']} role="status">
      {state} {evaluation}
    </p>
  );
});
