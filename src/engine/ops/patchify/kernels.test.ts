import { describe, expect, it } from 'vitest';
import { patchify } from './kernels';
import { drawViews, finishViews, viewSums } from './view-kernels';

const normalization = { mean: [0.5, 0.25, 0.125], std: [0.5, 0.25, 1] } as const;
const shape = { batch: 2, side: 23, size: 18, patch: 6 };

it('WGSL that cuts pictures into patches', () => {
  expect(patchify({ batch: 2, size: 18, patch: 6 }, normalization).code).toMatchSnapshot();
});

describe.each([false, true])('WGSL of views, cooperative: %s', (cooperative) => {
  const target = { cooperative };

  it('that draws them', () => {
    expect(drawViews(shape, { target }).code).toMatchSnapshot();
  });

  it('that finishes them', () => {
    expect(finishViews(shape, { ...normalization, target }).code).toMatchSnapshot();
  });

  it('covers every pixel, and has a sum for every workgroup or invocation that writes one', () => {
    const wide = { batch: 32, side: 280, size: 224, patch: 32 };
    for (const kernel of [drawViews(wide, { target }), finishViews(wide, { ...normalization, target })]) {
      const [x, y] = kernel.workgroups;
      expect(x * y * (cooperative ? 1 : 32)).toBeGreaterThanOrEqual(viewSums(wide));
    }
    expect(viewSums(wide) * 256).toBeGreaterThanOrEqual(32 * 224 * 224);
    expect(viewSums(shape)).toBe(2 * Math.ceil((18 * 18) / 256));
  });
});
