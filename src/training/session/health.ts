import type { StepReading } from '../../engine/executor';
import type { StepTrouble } from '../../protocol/run-events';
import type { SessionState } from './state';

/** Readings in a row that may be unusable before something must be done. */
const tolerated = 2;

/** A loss above this does not fall to exactly zero in one step unless a kernel failed. */
const farFromZero = 0.05;

/** A norm so many times as large as usual, and as those of the first steps, has exploded. */
const explosion = 100;
/** Steps whose norms say what is usual before any is judged by it, and the weight of the past in their mean. */
const first = 10;
const memory = 0.95;

/** What is to be made of a step. */
export interface Judgement {
  /** Its reading belongs on the charts. */
  readonly charted: boolean;
  /** What was wrong with it; null where nothing was. */
  readonly trouble: StepTrouble | null;
  /** It was one too many in a row: the run must not go on from here. */
  readonly diverged: boolean;
}

const good: Judgement = { charted: true, trouble: null, diverged: false };

/**
 * Watches over the readings of a run. A loss or a norm that is not finite means that training diverges: the device has left that step out. A loss of
 * exactly zero out of the blue is what a GPU returns whose commands were dropped. A norm far above all before is what comes before both.
 */
export class HealthCheck {
  private unusable = 0;
  private lastLoss: number | null = null;
  /** Mean of the first norms, and the running mean, over `seen` steps. */
  private norm = { first: 0, usual: 0, seen: 0 };

  /** False while the newest steps were unusable: what the weights are like is not known then. */
  get sound(): boolean {
    return this.unusable === 0;
  }

  snapshot(): SessionState['health'] {
    return { unusable: this.unusable, lastLoss: this.lastLoss, norm: { ...this.norm } };
  }

  restore({ unusable, lastLoss, norm }: SessionState['health']): void {
    this.unusable = unusable;
    this.lastLoss = lastLoss;
    this.norm = { ...(norm ?? { first: 0, usual: 0, seen: 0 }) };
  }

  /** @param trivial true where zero is the right loss */
  judge(reading: StepReading, trivial: boolean): Judgement {
    // The executor halves the loss scale and goes on. It overflows no more once the scale is 1.
    if (reading.overflowed === true) return { ...good, charted: false };
    const trouble = this.troubleOf(reading, trivial);
    if (trouble === null) {
      this.unusable = 0;
      this.lastLoss = reading.loss;
      this.learn(reading.gradNorm);
      return good;
    }
    this.unusable++;
    return { charted: trouble === 'norm', trouble, diverged: this.unusable > tolerated };
  }

  private troubleOf({ loss, gradNorm }: StepReading, trivial: boolean): StepTrouble | null {
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) return 'not-finite';
    if (loss === 0 && !trivial && (this.lastLoss ?? Infinity) > farFromZero) return 'zero-loss';
    const { first: begun, usual, seen } = this.norm;
    return seen >= first && gradNorm > explosion * Math.max(begun, usual) ? 'norm' : null;
  }

  private learn(norm: number): void {
    const { first: begun, usual, seen } = this.norm;
    const early = seen < first;
    this.norm = {
      first: early ? (begun * seen + norm) / (seen + 1) : begun,
      usual: early ? (usual * seen + norm) / (seen + 1) : memory * usual + (1 - memory) * norm,
      seen: Math.min(seen + 1, first),
    };
  }
}
