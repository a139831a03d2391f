import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { decodeTensor } from '../engine/fixtures/load';
import cases from './fixtures/images.json';
import { createImageProcessor, type RgbaImage } from './image-processor';

function picture(png: string): RgbaImage {
  const { width, height, channels, data } = decode(Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0)));
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < channels; channel++)
      rgba[pixel * 4 + channel] = data[pixel * channels + channel] ?? 0;
  }
  return { width, height, data: rgba };
}

describe('image processing equals Pillow’s', () => {
  describe.each(cases)('$name', ({ png, expected }) => {
    test.each(expected)('$size pixels, filter $resample', ({ size, resample, pixels }) => {
      const processor = createImageProcessor({ size, crop_size: size, resample }, size);
      const wanted = decodeTensor(pixels).data;
      const actual = processor.process(picture(png));
      expect(actual.length).toBe(wanted.length);
      expect(actual.reduce((worst, value, at) => Math.max(worst, Math.abs(value - (wanted[at] ?? NaN))), 0)).toBe(0);
    });
  });
});

describe('preprocessor_config.json', () => {
  const modern = {
    crop_size: { height: 32, width: 32 },
    size: { shortest_edge: 32 },
    do_convert_rgb: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.25, 0.25, 0.25],
    image_processor_type: 'CLIPImageProcessor',
    rescale_factor: 0.00392156862745098,
    resample: 3,
  };

  test('old and new forms mean the same', () => {
    const old = createImageProcessor(
      { ...modern, crop_size: 32, size: 32, feature_extractor_type: 'CLIPFeatureExtractor' },
      32,
    );
    const today = createImageProcessor(modern, 32);
    const image = picture(cases[5]?.png ?? '');
    expect(old.process(image)).toEqual(today.process(image));
    expect(old.normalization).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    expect(today.normalization).toEqual(old.normalization);
  });

  test('a model without the file gets CLIP’s usual processing', () => {
    const { size, normalization } = createImageProcessor(undefined, 48);
    expect(size).toBe(48);
    expect(normalization.mean).toEqual([0.48145466, 0.4578275, 0.40821073]);
  });

  test('a rescale factor of 1 is folded into the normalisation', () => {
    const { normalization } = createImageProcessor({ ...modern, rescale_factor: 1 }, 32);
    expect((100 / 255 - normalization.mean[0]) / normalization.std[0]).toBeCloseTo((100 - 0.5) / 0.25, 6);
  });

  test('where patches do not fill the image, only the part that they cover comes out', () => {
    const whole = createImageProcessor(modern, 32);
    const covered = createImageProcessor(modern, 32, 30);
    const image = picture(cases[5]?.png ?? '');
    const all = whole.process(image);
    const part = covered.process(image);
    expect(covered.size).toBe(30);
    expect(part.length).toBe(30 * 30 * 3);
    expect([...part.subarray(30 * 3, 60 * 3)]).toEqual([...all.subarray(32 * 3, 32 * 3 + 30 * 3)]);
  });

  test.each([
    ['another size than the model’s', { ...modern, crop_size: 64 }, /does not make square pictures of 32 pixels/],
    ['an oblong crop', { ...modern, crop_size: { height: 32, width: 16 } }, /does not make square pictures/],
    ['a size of nothing', { ...modern, size: 0 }, /cannot be read at "size/],
    ['a mean of one channel', { ...modern, image_mean: [0.5] }, /cannot be read at "image_mean/],
    ['no object at all', 'hello', /preprocessor_config.json cannot be read/],
  ])('%s is refused with the reason', (_, json, message) => {
    expect(() => createImageProcessor(json, 32)).toThrow(message);
  });
});
