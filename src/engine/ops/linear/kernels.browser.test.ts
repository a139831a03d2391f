import { beforeAll, describe, expect, it } from 'vitest';
import { opCases } from '../../fixtures/load';
import type { Activation } from './node';
import {
  activationBackward,
  defaultVariant,
  linearBackwardInput,
  linearBackwardWeight,
  linearForward,
} from './kernels';
import { activationReference, linearGradientReference, linearReference } from './reference';
import { KernelRunner, noise, relativeError } from './testing';
import { variantName, type MatmulVariant } from './matmul-problem';

const variants: readonly MatmulVariant[] = [
  defaultVariant,
  { kind: 'register', rows: 8, columns: 4, lanes: [4, 4] },
  { kind: 'quad', rows: 16, columns: 16, quads: [1, 1] },
  { kind: 'quad', rows: 16, columns: 32, quads: [2, 2] },
  { kind: 'shared', rows: 4, columns: 4, lanes: [8, 8], depth: 16 },
  { kind: 'shared', rows: 8, columns: 4, lanes: [4, 8], depth: 8 },
];

/** Those for few rows, which serve the forward pass alone. */
const fewRows: readonly MatmulVariant[] = [
  { kind: 'split', rows: 1, columns: 4, lanes: [64] },
  { kind: 'split', rows: 8, columns: 4, lanes: [64] },
  { kind: 'quad', rows: 4, columns: 16, quads: [1, 1] },
  { kind: 'register', rows: 2, columns: 4, lanes: [8, 1] },
];

let runner: KernelRunner;
beforeAll(async () => {
  runner = await KernelRunner.create();
});

describe('linear kernels against PyTorch', () => {
  for (const { name, attributes, inputs, y, dy, gradients } of opCases('linear')) {
    if ('adapters' in attributes) continue;
    it(name, async () => {
      const { x, weight, bias, residual } = inputs as Record<
        string,
        { shape: number[]; data: Float32Array<ArrayBuffer> }
      >;
      if (x === undefined || weight === undefined || dy === null) throw new Error(`${name} is incomplete`);
      const activation = attributes['activation'] as Activation;
      const [rows = 0, inner = 0] = x.shape;
      const shape = { rows, inner, columns: weight.shape[0] ?? 0 };
      const saveDerivative = activation !== 'none';
      const forward = linearForward(shape, {
        bias: bias !== undefined,
        residual: residual !== undefined,
        activation,
        saveDerivative,
      });
      const outputs = await runner.run(forward, [
        x.data,
        weight.data,
        ...(bias === undefined ? [] : [bias.data]),
        ...(residual === undefined ? [] : [residual.data]),
        new Float32Array(y.data.length),
        ...(saveDerivative ? [new Float32Array(y.data.length)] : []),
      ]);
      expect(relativeError(outputs[0] ?? [], y.data)).toBeLessThan(1e-5);
      let dz = dy.data;
      if (saveDerivative) {
        const derivative = new Float32Array(outputs[1] ?? []);
        const [product] = await runner.run(activationBackward(dz.length), [
          dz,
          derivative,
          new Float32Array(dz.length),
        ]);
        dz = new Float32Array(product ?? []);
      }
      const [dx] = await runner.run(linearBackwardInput(shape, { accumulate: false, derivative: false }), [
        dz,
        weight.data,
        new Float32Array(x.data.length),
      ]);
      expect(relativeError(dx ?? [], gradients['x']?.data ?? [])).toBeLessThan(1e-5);
      const [dWeight, dBias] = await runner.run(linearBackwardWeight(shape, { bias: true, accumulate: false }), [
        dz,
        x.data,
        new Float32Array(weight.data.length),
        new Float32Array(shape.columns),
      ]);
      expect(relativeError(dWeight ?? [], gradients['weight']?.data ?? [])).toBeLessThan(1e-5);
      if (bias !== undefined) expect(relativeError(dBias ?? [], gradients['bias']?.data ?? [])).toBeLessThan(1e-5);
    });
  }
});

describe.each(variants.map((variant) => ({ variant, name: variantName(variant) })))(
  'linear kernels, $name',
  ({ variant }) => {
    // The activation is applied to what the product gives, whatever its shape, so the two do not need every combination.
    it.each([
      [1, 1, 1, 'none'],
      [33, 68, 20, 'gelu'],
      [65, 30, 9, 'quick_gelu'],
      [17, 2052, 12, 'none'],
      [2050, 8, 8, 'gelu'],
      [34, 12, 20, 'gelu_tanh'],
    ] as const)(
      'match float64 for %i rows, %i inner, %i columns, activation %s',
      async (rows, inner, columns, activation) => {
        const shape = { rows, inner, columns };
        const x = noise(rows * inner, 1);
        const weight = noise(columns * inner, 2);
        const bias = noise(columns, 3);
        const residual = noise(rows * columns, 4);
        const dz = noise(rows * columns, 5);
        const held = noise(rows * inner, 6);
        const derivative = noise(rows * inner, 7);
        const plain = linearReference(shape, x, weight, bias);
        // A slope lies within ±1.2 and changes by at most about 1 per unit of z, so it inherits the rounding of z itself.
        const reach = plain.reduce((largest, z) => Math.max(largest, Math.abs(z)), 1);
        const gradients = linearGradientReference(shape, x, weight, dz);
        const saveDerivative = activation !== 'none';
        const kernel = linearForward(shape, { bias: true, residual: true, activation, saveDerivative }, variant);
        const backwardInput = linearBackwardInput(shape, { accumulate: true, derivative: true }, variant);
        const backwardWeight = linearBackwardWeight(shape, { bias: true, accumulate: true }, variant);
        const weightAlone = linearBackwardWeight(shape, { bias: false, accumulate: false }, variant);
        runner.prepare([kernel, backwardInput, backwardWeight, weightAlone]);
        const scratch = new Float32Array(rows * columns);
        const [y, slope] = await runner.run(kernel, [
          x,
          weight,
          bias,
          residual,
          scratch,
          ...(saveDerivative ? [scratch] : []),
        ]);
        const expected = plain.map((z, i) => activationReference(activation, z)[0] + (residual[i] ?? 0));
        expect(relativeError(y ?? [], expected)).toBeLessThan(1e-5);
        if (saveDerivative) {
          const slopes = plain.map((z) => activationReference(activation, z)[1]);
          expect(relativeError(slope ?? [], slopes)).toBeLessThan(1e-5 * reach);
        }
        const [dx] = await runner.run(backwardInput, [dz, weight, derivative, held]);
        const expectedDx = gradients.dx.map((value, i) => (value + (held[i] ?? 0)) * (derivative[i] ?? 0));
        expect(relativeError(dx ?? [], expectedDx)).toBeLessThan(1e-5);
        const heldWeight = noise(columns * inner, 8);
        const heldBias = noise(columns, 9);
        const added = await runner.run(backwardWeight, [dz, x, heldWeight, heldBias]);
        expect(
          relativeError(
            added[0] ?? [],
            gradients.dWeight.map((value, i) => value + (heldWeight[i] ?? 0)),
          ),
        ).toBeLessThan(1e-5);
        expect(
          relativeError(
            added[1] ?? [],
            gradients.dBias.map((value, i) => value + (heldBias[i] ?? 0)),
          ),
        ).toBeLessThan(1e-5);
        const [alone] = await runner.run(weightAlone, [dz, x, new Float32Array(columns * inner)]);
        expect(relativeError(alone ?? [], gradients.dWeight)).toBeLessThan(1e-5);
      },
    );
  },
);

describe.each(fewRows.map((variant) => ({ variant, name: variantName(variant) })))(
  'linear kernels of few rows, $name',
  ({ variant }) => {
    it.each([
      [1, 1, 1, 'none'],
      [1, 772, 30, 'none'],
      [8, 64, 20, 'gelu'],
      [13, 303, 9, 'quick_gelu'],
    ] as const)(
      'match float64 for %i rows, %i inner, %i columns, activation %s',
      async (rows, inner, columns, activation) => {
        const shape = { rows, inner, columns };
        const [x, weight, bias] = [noise(rows * inner, 1), noise(columns * inner, 2), noise(columns, 3)];
        const residual = noise(rows * columns, 4);
        const options = { bias: true, residual: true, activation, saveDerivative: false };
        const kernel = linearForward(shape, options, variant);
        const [y] = await runner.run(kernel, [x, weight, bias, residual, new Float32Array(rows * columns)]);
        const expected = linearReference(shape, x, weight, bias).map(
          (z, i) => activationReference(activation, z)[0] + (residual[i] ?? 0),
        );
        expect(relativeError(y ?? [], expected)).toBeLessThan(1e-5);
      },
    );
  },
);
