/** A tensor under the name that it has in its model. */
export type NamedTensor = readonly [name: string, values: Float32Array];

/**
 * The weights that a model computes with, apart from the model: which base they belong to, and what stands in the place of its own tensors. Training
 * starts from one and ends in one; searching, evaluation and exports take it, wherever the tensors lie.
 */
export interface WeightSet {
  /** Names the weights of the base (see `weightsDigest`). */
  readonly base: string;
  /** Null for the base as it is. */
  readonly delta: WeightDelta | null;
}

/** Whole tensors, as float32, that stand in the place of the base's. They lie in storage, in memory or on the device, and are read when they are needed. */
export interface WeightDelta {
  readonly names: readonly string[];
  /**
   * Reads the named tensors, all of them where none are named, one after the other: together they may be as large as the model. What is given is not to
   * be written to.
   */
  read(names?: readonly string[]): AsyncIterable<NamedTensor>;
}

/** Tensors that are held in memory as a delta. */
export function heldDelta(tensors: ReadonlyMap<string, Float32Array>): WeightDelta {
  return {
    names: [...tensors.keys()],
    // eslint-disable-next-line @typescript-eslint/require-await -- an asynchronous iterator, as the others are, of what is there already
    async *read(names = [...tensors.keys()]) {
      for (const name of names) {
        const values = tensors.get(name);
        if (values === undefined) throw new Error(`There is no tensor "${name}" among those in memory.`);
        yield [name, values] as const;
      }
    },
  };
}
