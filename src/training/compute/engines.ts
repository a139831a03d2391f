import { version } from '../../../package.json';
import type { EngineDevice } from '../../engine/device';
import type { Executor, Precision } from '../../engine/executor';
import type { Graph } from '../../engine/graph/ir';
import type { KernelNames } from '../../engine/kernel-names';
import type { SelfTestReport } from '../../engine/self-test';
import type { TfjsKind } from '../../engine/tfjs/backend';
import type { TuningCache } from '../../engine/tuner';
import { browserVersion } from './browser-version';

/** An executor of Vernier's own kernels, with what their self-test found. */
export interface Tested {
  readonly executor: Executor;
  /** Null where it was left out. */
  readonly report: SelfTestReport | null;
}

/** What decides the kernels of a run besides its graph. */
export interface TunedOptions {
  /** What the run is to be computed in. */
  readonly precision: Precision;
  /** Bytes that the run will hold on the device; timing kernels takes no more. Default: nothing is known. */
  readonly room?: number | undefined;
  /** Kernels to use instead of the fastest, as an earlier run's record names them. */
  readonly pinned?: KernelNames | undefined;
}

/** An executor with the kernels for a run. */
export interface TunedKernels extends Tested {
  readonly kernels: KernelNames;
  /** What is to be said of pinned kernels, in sentences. */
  readonly notes: readonly string[];
}

/** How executors come about; tests have engines of their own. */
export interface Engines {
  /** @throws EngineError `no-webgpu` */
  acquireDevice(): Promise<EngineDevice>;
  /**
   * Vernier's own kernels on a device, which is let go of where they fail.
   * @throws EngineError `self-test` where for some operation no kernel is right
   */
  webgpu(device: EngineDevice): Promise<Tested>;
  /**
   * On the device and parameters of the given one, with the variants that are fastest for the shapes of a graph; null where it has none to choose
   * from. It cannot train in mixed precision where they fail with f16 storage, which is tested where that is wanted.
   */
  tuned(executor: Executor, graph: Graph, cache: TuningCache, options: TunedOptions): Promise<TunedKernels | null>;
  tfjs(kind: TfjsKind): Promise<Executor>;
}

/** The engines of this browser; the code of each is loaded when it is first used. */
export const browserEngines: Engines = {
  async acquireDevice() {
    const { acquireDevice } = await import('../../engine/device');
    return acquireDevice();
  },

  async webgpu(device) {
    const { createWebGpuExecutor } = await import('../../engine/webgpu/executor');
    try {
      const executor = await createWebGpuExecutor(device);
      return { executor, report: executor.tested };
    } catch (error) {
      device.device.destroy();
      throw error;
    }
  },

  async tuned(executor, graph, cache, { precision, room = Infinity, pinned }) {
    const [{ WebGpuExecutor }, { tunedExecutor }] = await Promise.all([
      import('../../engine/webgpu/executor'),
      import('../../engine/webgpu/tuned'),
    ]);
    if (!(executor instanceof WebGpuExecutor)) return null;
    const environment = `${browserVersion(navigator.userAgent)}, Vernier ${version}`;
    const pins = pinned === undefined ? {} : { pinned };
    return tunedExecutor(executor, graph, { cache, environment, precision, room, ...pins });
  },

  async tfjs(kind) {
    const { createTfjsExecutor } = await import('../../engine/tfjs/executor');
    switch (kind) {
      case 'tfjs-webgpu':
        return createTfjsExecutor(kind, { device: await browserEngines.acquireDevice() });
      case 'tfjs-wasm': {
        const { wasmFiles } = await import('../../engine/tfjs/wasm-files');
        return createTfjsExecutor(kind, { wasmPaths: wasmFiles });
      }
      case 'tfjs-cpu':
        return createTfjsExecutor(kind);
      default:
        return kind satisfies never;
    }
  },
};
