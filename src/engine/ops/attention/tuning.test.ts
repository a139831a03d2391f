import { expect, test } from 'vitest';
import type { TuningTarget } from '../../adapter-class';
import { GraphBuilder } from '../../graph/builder';
import { contestOf, tuningTasks } from '../../tuning-tasks';
import { attention, crossAttention } from './node';

const target: TuningTarget = {
  adapter: {
    vendor: '',
    architecture: '',
    device: '',
    description: 'NVIDIA H100',
    software: false,
    name: 'NVIDIA H100',
  },
  features: { f16: false, subgroups: true, timestamps: false },
};

const builder = new GraphBuilder();
const probe = builder.parameter([1, 8], { name: 'probe', shape: [1, 8] });
const keyValue = builder.input('keyValue', 'f32', [2 * 7, 16]);
const pooled = crossAttention(builder, probe, keyValue, { batch: 2, heads: 2, sharedQuery: true });
const attended = attention(builder, builder.input('qkv', 'f32', [2 * 7, 24]), { batch: 2, heads: 2, causal: false });
const graph = builder.build({ pooled, attended });

test.each([true, false])(
  'every attention is timed with the buffers that its kernels bind, training: %s',
  (training) => {
    const contests = tuningTasks(graph, training).map((task) => contestOf(target, task));
    expect(contests.map(({ name }) => name)).toEqual(['attention 2x7x2x4', 'attention 2x1x2x4 to 7 shared']);
    for (const { buffers, entrants } of contests) {
      expect(entrants.length).toBeGreaterThan(1);
      for (const [kernel, ...names] of entrants.flatMap(({ steps }) => steps)) {
        expect(names).toHaveLength(kernel.bindings.length);
        expect(Object.keys(buffers)).toEqual(expect.arrayContaining(names));
      }
    }
  },
);
