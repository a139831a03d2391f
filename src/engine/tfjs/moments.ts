import { dispose, tensor, zeros, type Tensor } from '@tensorflow/tfjs-core';
import type { OptimizerOptions, TensorMap } from '../executor';
import { elementCount, type ParameterPart, type ParameterSpec } from '../graph/value';
import { momentEntry, momentNames } from '../trainer-state';
import { joinParts, splitParts } from './store';

/** An optimizer's moments, all zero at first: one tensor a parameter and moment. */
export class Moments {
  private readonly names: readonly string[];
  /** By parameter, in the order of `momentNames`. */
  private readonly held: (readonly Tensor[])[];

  constructor(
    private readonly specs: readonly ParameterSpec[],
    optimizer: OptimizerOptions,
  ) {
    this.names = momentNames(optimizer);
    this.held = specs.map(({ shape }) => this.names.map(() => zeros([...shape])));
  }

  get bytes(): number {
    return this.held.flat().reduce((total, { size }) => total + 4 * size, 0);
  }

  /** Moments of one parameter, in the order of `momentNames`. */
  of(parameter: number): readonly Tensor[] {
    return this.held[parameter] ?? [];
  }

  /** Puts new moments of a parameter in the place of the old ones, which are disposed of. */
  replace(parameter: number, renewed: readonly Tensor[]): void {
    dispose([...this.of(parameter)]);
    this.held[parameter] = renewed;
  }

  /** Elements by entry of a trainer's state. */
  lengths(): Map<string, number> {
    const parts = this.specs.flatMap((spec) => this.names.flatMap((moment) => partsOf(spec, moment)));
    return new Map(parts.map(({ name, shape }) => [name, elementCount(shape)]));
  }

  /** Contents by entry of a trainer's state. */
  async read(): Promise<Map<string, Float32Array>> {
    const state = new Map<string, Float32Array>();
    for (const [index, spec] of this.specs.entries()) {
      for (const [at, moment] of this.of(index).entries()) {
        const data = (await moment.data()) as Float32Array;
        for (const [name, values] of splitParts(partsOf(spec, this.names[at] ?? ''), data)) state.set(name, values);
      }
    }
    return state;
  }

  write(state: TensorMap): void {
    this.specs.forEach((spec, index) => {
      const renewed = this.names.map((moment) =>
        tensor(joinParts(partsOf(spec, moment), state, "trainer's state"), [...spec.shape], 'float32'),
      );
      this.replace(index, renewed);
    });
  }

  dispose(): void {
    dispose(this.held.flat());
  }
}

/** The entries of a parameter's moment. */
function partsOf({ parts }: ParameterSpec, moment: string): readonly ParameterPart[] {
  return parts.map(({ name, shape }) => ({ name: momentEntry(name, moment), shape }));
}
