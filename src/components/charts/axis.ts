import { count } from '../format';
import { clock } from './format';

/** What the charts of a run are drawn along. */
export type RunAxis = 'step' | 'epoch' | 'time';

/** A place along the run on the axis: `1,200`, `3.5`, `2:27`. */
export function placeTick(axis: RunAxis, x: number): string {
  if (axis === 'time') return clock(x);
  return axis === 'epoch' ? String(Number(x.toFixed(2))) : count(x);
}

/** A place along the run in words: `step 1,200`, `epoch 3.5`, `2:27`. */
export function placeText(axis: RunAxis, x: number): string {
  return axis === 'time' ? clock(x) : `${axis} ${placeTick(axis, x)}`;
}
