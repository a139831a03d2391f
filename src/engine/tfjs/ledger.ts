import { memory } from '@tensorflow/tfjs-core';
import type { MemoryLedger } from '../executor';

/** Something that holds device memory for a purpose as long as it lives. */
export interface Holder {
  readonly bytes: number;
}

/** Counts what an executor holds. Activations are what TensorFlow.js reports beyond everything that is accounted for. */
export class Ledger {
  private readonly stores = new Set<Holder>();
  private readonly optimizers = new Set<Holder>();
  private gradients = 0;
  private peak = 0;

  /** Registers a holder of weights or moments; the result takes it off again. */
  hold(purpose: 'weights' | 'moments', holder: Holder): () => void {
    const holders = purpose === 'weights' ? this.stores : this.optimizers;
    holders.add(holder);
    return () => holders.delete(holder);
  }

  /** Bytes of the gradients of the step that runs. */
  setGradients(bytes: number): void {
    this.gradients = bytes;
  }

  /** Notes the bytes in use now for the peak. */
  sample(): void {
    this.peak = Math.max(this.peak, memory().numBytes);
  }

  read(): MemoryLedger {
    const total = (holders: ReadonlySet<Holder>): number => [...holders].reduce((sum, { bytes }) => sum + bytes, 0);
    this.sample();
    const weights = total(this.stores);
    const moments = total(this.optimizers);
    const { gradients, peak } = this;
    const activations = Math.max(0, memory().numBytes - weights - moments - gradients);
    return { weights, gradients, moments, activations, other: 0, peak };
  }
}
