import type { EngineDevice } from '../device';
import type { EngineError } from '../executor';
import type { PassedChecks } from '../self-test';
import type { KernelChoice } from '../kernel-choice';
import type { DeviceMemory } from './memory';
import type { PipelineCache } from './pipelines';
import type { Submitter } from './submitter';

/** What the parts of one executor share. */
export interface ExecutorContext {
  readonly engine: EngineDevice;
  readonly device: GPUDevice;
  readonly memory: DeviceMemory;
  readonly cache: PipelineCache;
  readonly submitter: Submitter;
  readonly choice: KernelChoice;
  /** What the self-test found right on the device so far. */
  readonly passed: PassedChecks;
  /** The first failure after which results cannot be trusted; null while all is well. */
  failure(): EngineError | null;
}
