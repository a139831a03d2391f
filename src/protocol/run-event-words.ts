import { rateText } from '../recipe/changes';
import type { RunEvent, StepTrouble } from './run-events';

/** What happened, for people: one sentence. */
export function eventText(event: RunEvent): string {
  switch (event.kind) {
    case 'rate':
      return `Learning rate changed from ${rateText(event.from)} to ${rateText(event.to)}.`;
    case 'length':
      return `Length changed from ${steps(event.from)} to ${steps(event.to)}.`;
    case 'skipped':
      return skipped[event.reason];
    case 'rolled-back':
      return `${capital(because[event.reason])} up to step ${count(event.since)}, so the run went back to step ${count(event.step)}, and the learning rate from ${rateText(event.from)} to ${rateText(event.to)}.`;
    case 'micro-batches':
      return `Memory did not suffice. Batches are computed in ${event.to} parts instead of ${event.from === 1 ? 'whole' : event.from}, with the same result.`;
    case 'branched':
      return `Began as a copy of ${event.run}.`;
    case 'went-on':
      return event.step === 0 ? 'Began once more.' : 'Went on from here.';
    case 'checkpoint-damaged':
      return `The checkpoint of step ${count(event.newest)} was damaged, so the run went on from the one before it.`;
    case 'other-device':
      return event.from === event.to
        ? `Went on with ${event.to}, which the browser or its driver runs otherwise than before. From here on numbers may differ in their last digits from those of an uninterrupted run.`
        : `Went on with ${event.to} instead of ${event.from}. From here on numbers may differ in their last digits from those of an uninterrupted run.`;
    default:
      return event satisfies never;
  }
}

const skipped: Record<StepTrouble, string> = {
  'not-finite': 'The loss or its gradients were no finite numbers, so the step was left out.',
  'zero-loss':
    'The loss was exactly zero, which is what a GPU gives that has dropped the work. It is left out of the curve.',
  norm: 'The gradient norm exploded.',
};

/** What steps were like, for the middle of a sentence. */
export const because: Record<StepTrouble, string> = {
  'not-finite': 'the loss was no finite number in several steps',
  'zero-loss': 'the loss was exactly zero in several steps',
  norm: 'the gradient norm exploded in several steps',
};

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function steps(value: number): string {
  return `${count(value)} ${value === 1 ? 'step' : 'steps'}`;
}
