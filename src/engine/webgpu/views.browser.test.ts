import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireDevice } from '../device';
import { GraphBuilder } from '../graph/builder';
import { patchify } from '../ops/patchify/node';
import type { Graph } from '../graph/ir';
import { drawView, packView, viewLength, type View } from '../view';
import { createWebGpuExecutor, type WebGpuExecutor } from './executor';

const normalization = { mean: [0.48, 0.46, 0.41], std: [0.27, 0.26, 0.28] } as const;

/** Batch, side of the squares, side of the views, side of a patch. */
const shapes = [
  [5, 64, 64, 8],
  [3, 72, 64, 16],
  [4, 61, 45, 9],
  [2, 150, 48, 16],
  [2, 20, 36, 12],
  [1, 280, 224, 32],
] as const;

let state = 1;
const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;

function randomView(side: number): View {
  const [width, height] = [side * (0.2 + 0.8 * random()), side * (0.2 + 0.8 * random())];
  const factor = (): number => 2 * random();
  return {
    left: random() * (side - width),
    top: random() * (side - height),
    width,
    height,
    mirrored: random() < 0.5,
    brightness: factor(),
    contrast: factor(),
    saturation: factor(),
  };
}

function patchifyGraph(batch: number, side: number, size: number, patch: number, drawn: boolean): Graph {
  const builder = new GraphBuilder();
  const pixels = builder.input('pixels', 'u8', [batch, side, side, 3]);
  const views = drawn ? { views: builder.input('views', 'f32', [batch, viewLength]), size } : undefined;
  return builder.build({ y: patchify(builder, pixels, { patch, ...normalization, drawn: views }) });
}

/** What patch and channel hold, from `drawView` in float64. */
function expected(
  squares: Uint8Array,
  views: readonly View[],
  side: number,
  size: number,
  patch: number,
): Float64Array {
  const across = size / patch;
  const y = new Float64Array(views.length * size * size * 3);
  views.forEach((view, sample) => {
    // The kernel is given the view in float32.
    const rounded = { ...view, ...mapNumbers(view, Math.fround) };
    const pixels = drawView(squares.subarray(sample * side * side * 3), side, size, rounded);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const place = (sample * across + Math.floor(row / patch)) * across + Math.floor(column / patch);
        for (const channel of [0, 1, 2] as const) {
          const to = ((place * 3 + channel) * patch + (row % patch)) * patch + (column % patch);
          const value = pixels[(row * size + column) * 3 + channel] ?? NaN;
          y[to] = (value / 255 - normalization.mean[channel]) / normalization.std[channel];
        }
      }
    }
  });
  return y;
}

function mapNumbers(view: View, map: (value: number) => number): Partial<View> {
  return Object.fromEntries(
    Object.entries(view).map(([key, value]) => [key, typeof value === 'number' ? map(value) : value]),
  );
}

describe.each([false, true])('views, cooperative kernels: %s', (cooperative) => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    const choice = { target: { cooperative } };
    executor = await createWebGpuExecutor(await acquireDevice(), { choice, selfTest: false });
  });

  afterAll(() => executor.dispose());

  async function run(graph: Graph, inputs: Readonly<Record<string, Uint8Array | Float32Array>>): Promise<Float32Array> {
    const store = await executor.createStore([], new Map());
    const inference = await executor.compile(graph, store);
    const { y = new Float32Array() } = await inference.run(inputs);
    inference.dispose();
    store.dispose();
    return y;
  }

  it.each(shapes)('%i of %i pixels as %i in patches of %i match float64', async (batch, side, size, patch) => {
    const pixels = new Uint8Array(batch * side * side * 3).map(() => 256 * random());
    const views = Array.from({ length: batch }, () => randomView(side));
    const packed = Float32Array.from(views.flatMap((view) => [...packView(view)]));
    const y = await run(patchifyGraph(batch, side, size, patch, true), { pixels, views: packed });
    const wanted = expected(pixels, views, side, size, patch);
    expect(y).toHaveLength(wanted.length);
    // In levels of 255: float32 places taps to 3e-5 of a pixel, which changes noise by a hundredth of a level.
    const furthest = y.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] ?? NaN))), 0);
    expect(furthest * 255 * 0.28).toBeLessThan(0.03);
  });

  it('of whole pictures are the pictures', async () => {
    const [batch, size, patch] = [2, 56, 14];
    const pixels = new Uint8Array(batch * size * size * 3).map(() => 256 * random());
    const whole = {
      left: 0,
      top: 0,
      width: size,
      height: size,
      mirrored: false,
      brightness: 1,
      contrast: 1,
      saturation: 1,
    };
    const views = Float32Array.from([...packView(whole), ...packView(whole)]);
    const y = await run(patchifyGraph(batch, size, size, patch, true), { pixels, views });
    expect(y).toEqual(await run(patchifyGraph(batch, size, size, patch, false), { pixels }));
  });
});
