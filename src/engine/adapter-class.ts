import type { AdapterDescription, EngineDevice } from './device';

/**
 * Adapters whose fast kernels differ in kind. `software`: computes on the CPU, where every barrier and every lane of a load is dear. `apple`:
 * large register files and caches, where staging in workgroup memory does not pay. `gpu`: all others.
 */
export type AdapterClass = 'software' | 'apple' | 'gpu';

/** The class of an adapter. */
export function adapterClass(adapter: AdapterDescription): AdapterClass {
  if (adapter.software) return 'software';
  return /apple/i.test(`${adapter.vendor} ${adapter.architecture} ${adapter.name}`) ? 'apple' : 'gpu';
}

/** What decides which variants there are: an `EngineDevice` has it. */
export type TuningTarget = Pick<EngineDevice, 'adapter' | 'features'>;
