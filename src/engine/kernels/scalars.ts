/**
 * The plan's one uniform buffer: the few values of a training step that change from step to step. Everything else is a constant in the WGSL
 * or lies in a storage buffer. A kernel that needs one of these binds the buffer with access `uniform` and pastes `scalarsStruct`.
 */
export const scalarsStruct = /* wgsl */ `struct Scalars {
  step: u32,
  seed: u32,
  learning_rate: f32,
  ring_slot: u32,
}`;

/** Size of `Scalars` in bytes. */
export const scalarsBytes = 16;

/** Values of one step, in the order of `Scalars`. */
export interface ScalarValues {
  readonly step: number;
  /** Seed of the dropout masks; only its low 32 bits count. */
  readonly seed: number;
  readonly learningRate: number;
  /** Row of the readings ring that this step writes. */
  readonly ringSlot: number;
}

/** Writes the values into a buffer of `scalarsBytes`, in place. */
export function packScalars(target: DataView, values: ScalarValues): void {
  target.setUint32(0, values.step >>> 0, true);
  target.setUint32(4, values.seed >>> 0, true);
  target.setFloat32(8, values.learningRate, true);
  target.setUint32(12, values.ringSlot >>> 0, true);
}
