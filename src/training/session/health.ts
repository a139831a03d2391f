import { EngineError, type StepReading } from '../../engine/executor';
import type { SessionState } from './state';

/** Readings in a row that may be unusable before the run is given up. */
const tolerated = 2;

/** A loss above this does not fall to exactly zero in one step unless a kernel failed. */
const farFromZero = 0.05;

/**
 * Watches over the readings of a run. Losses that are not finite mean that training diverged; a loss of exactly zero out of the blue is what a
 * GPU returns whose commands were dropped. A single unusable reading is left out, several in a row end the run.
 */
export class HealthCheck {
  private unusable = 0;
  private lastLoss: number | null = null;

  snapshot(): SessionState['health'] {
    return { unusable: this.unusable, lastLoss: this.lastLoss };
  }

  restore({ unusable, lastLoss }: SessionState['health']): void {
    this.unusable = unusable;
    this.lastLoss = lastLoss;
  }

  /**
   * @param trivial true where zero is the right loss
   * @returns true for a reading that may be charted
   * @throws EngineError `not-finite` after three unusable readings in a row
   */
  accept({ step, loss, gradNorm, overflowed = false }: StepReading, trivial: boolean): boolean {
    // The executor halves the loss scale and goes on. It overflows no more once the scale is 1.
    if (overflowed) return false;
    const finite = Number.isFinite(loss) && Number.isFinite(gradNorm);
    const suspicious = loss === 0 && !trivial && (this.lastLoss ?? Infinity) > farFromZero;
    if (finite && !suspicious) {
      this.unusable = 0;
      this.lastLoss = loss;
      return true;
    }
    this.unusable++;
    if (this.unusable <= tolerated) return false;
    throw new EngineError(
      'not-finite',
      finite
        ? `The loss was exactly zero in several steps up to step ${step}, which means that the GPU dropped the work. Reload the page, or train on the CPU.`
        : `The loss was no longer a finite number at step ${step}: training diverged. Lower the learning rate, lengthen the warm-up or clip gradients, and start again.`,
    );
  }
}
