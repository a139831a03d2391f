import { elementCount, type ParameterSpec } from '../../src/engine/graph/value';
import { aligned, bindingAlignment } from '../../src/engine/webgpu/memory';
import { modelParameters } from '../../src/model/architecture';
import type { ClipConfig } from '../../src/model/families/clip/config';
import { clipArchitecture } from '../../src/model/families/clip/family';

/** Parameters whose weights share a buffer, as do their gradients and moments. */
export interface ParameterPool {
  readonly parameters: readonly {
    readonly spec: ParameterSpec;
    /** Elements from the start of the pool. */
    readonly offset: number;
  }[];
  readonly elements: number;
}

/** All parameters of a model where each of them is trained, as the parameter store lays them out on this device. */
export function parameterPools(config: ClipConfig, { limits }: GPUDevice): readonly ParameterPool[] {
  const most = Math.floor(limits.maxStorageBufferBindingSize / bindingAlignment) * bindingAlignment;
  const pools: { parameters: ParameterPool['parameters'][number][]; elements: number }[] = [];
  for (const spec of modelParameters(clipArchitecture(config))) {
    const elements = aligned(4 * elementCount(spec.shape)) / 4;
    let pool = pools.at(-1);
    if (pool === undefined || 4 * (pool.elements + elements) > most) {
      pool = { parameters: [], elements: 0 };
      pools.push(pool);
    }
    pool.parameters.push({ spec, offset: pool.elements });
    pool.elements += elements;
  }
  return pools;
}

/** Shapes of a pool's tensors as the checkpoint has them. */
export function tensorShapes({ parameters }: ParameterPool): readonly number[][] {
  return parameters.flatMap(({ spec }) => spec.parts.map(({ shape }) => [...shape]));
}
