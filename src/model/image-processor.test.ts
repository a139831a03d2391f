import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { decodeTensor } from '../engine/fixtures/load';
import cases from './fixtures/images.json';
import processing from './fixtures/processing.json';
import { clipFamily } from './families/clip/family';
import { readImageProcessing } from './image-processing';
import { createImageProcessor, type ImageProcessor, type RgbaImage } from './image-processor';

/** The processor of a model with this `preprocessor_config.json`. */
function processorOf(preprocessor: unknown, side: number, covered?: number): ImageProcessor {
  return createImageProcessor(readImageProcessing({ preprocessor }, side, clipFamily).processing, covered);
}

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
      const processor = processorOf({ size, crop_size: size, resample }, size);
      const wanted = decodeTensor(pixels).data;
      const actual = processor.process(picture(png));
      expect(actual.length).toBe(wanted.length);
      expect(actual.reduce((worst, value, at) => Math.max(worst, Math.abs(value - (wanted[at] ?? NaN))), 0)).toBe(0);
    });
  });
});

describe('what a model’s files ask for gives the values of Transformers', () => {
  test.each(processing.cases)('$name', ({ files, values }) => {
    const processor = createImageProcessor(readImageProcessing(files, processing.side, clipFamily).processing);
    const { mean, std } = processor.normalization;
    const pixels = processor.process(picture(processing.picture));
    const wanted = decodeTensor(values).data;
    expect(pixels.length).toBe(wanted.length);
    const off = pixels.map((value, at) => {
      const channel = (at % 3) as 0 | 1 | 2;
      const actual = (value / 255 - mean[channel]) / std[channel];
      return Math.abs(actual - (wanted[at] ?? NaN)) <= 1e-5 * Math.max(1, Math.abs(actual)) ? 0 : 1;
    });
    expect(off.reduce((sum, value) => sum + value, 0)).toBe(0);
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
    const old = processorOf({ ...modern, crop_size: 32, size: 32, feature_extractor_type: 'CLIPFeatureExtractor' }, 32);
    const today = processorOf(modern, 32);
    const image = picture(cases[5]?.png ?? '');
    expect(old.process(image)).toEqual(today.process(image));
    expect(old.normalization).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    expect(today.normalization).toEqual(old.normalization);
  });

  test('a model without any file gets CLIP’s usual processing, a note and a file for its export', () => {
    const { processing, notes, assumedFile } = readImageProcessing({}, 48, clipFamily);
    expect(processing).toMatchObject({ side: 48, mean: [0.48145466, 0.4578275, 0.40821073] });
    expect(notes.join()).toMatch(
      /neither processor_config\.json nor preprocessor_config\.json.*CLIP usually.*48 pixels/,
    );
    const again = readImageProcessing({ preprocessor: JSON.parse(assumedFile ?? '') }, 48, clipFamily);
    expect(again).toEqual({ processing, notes: [], assumedFile: null });
    expect(
      readImageProcessing({ processor: { processor_class: 'CLIPProcessor' } }, 48, clipFamily).notes.join(),
    ).toMatch(/processor_config\.json has no image_processor/);
  });

  test('where the size of the result is left open, the model’s is taken with a note', () => {
    const { processing, notes } = readImageProcessing({ preprocessor: { image_mean: [0, 0, 0] } }, 48, clipFamily);
    expect(processing).toMatchObject({ side: 48, resize: { kind: 'shortest', edge: 48 } });
    expect(notes.join()).toMatch(/preprocessor_config\.json does not say how large.*48 pixels/);
    expect(readImageProcessing({ preprocessor: { image_mean: [0, 0, 0] } }, 224, clipFamily).notes).toEqual([]);
  });

  test.each(['bicubic', 'BICUBIC', 'PIL.Image.BICUBIC', 'Resampling.BICUBIC', 3])(
    'the filter may be written as %s',
    (resample) => {
      expect(readImageProcessing({ preprocessor: { ...modern, resample } }, 32, clipFamily).processing.filter).toBe(
        'bicubic',
      );
    },
  );

  test('a rescale factor of 1 is folded into the normalisation', () => {
    const { normalization } = processorOf({ ...modern, rescale_factor: 1 }, 32);
    expect((100 / 255 - normalization.mean[0]) / normalization.std[0]).toBeCloseTo((100 - 0.5) / 0.25, 6);
  });

  test('where patches do not fill the image, only the part that they cover comes out', () => {
    const whole = processorOf(modern, 32);
    const covered = processorOf(modern, 32, 30);
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
    ['a filter that there is not', { ...modern, resample: 'sharp' }, /at "resample": expected the number of a filter/],
    ['a size by its longest edge', { ...modern, size: { longest_edge: 32 } }, /"size" as \{"longest_edge":32\}/],
    ['no crop to a square', { ...modern, do_center_crop: false }, /does not make square pictures of 32 pixels/],
    [
      'padding to another size',
      { ...modern, do_pad: true, pad_size: 40 },
      /does not make square pictures of 32 pixels/,
    ],
    [
      'an unknown class',
      { ...modern, image_processor_type: 'GlpnImageProcessor' },
      /"GlpnImageProcessor", whose steps/,
    ],
    ['a deviation of nothing', { ...modern, image_std: [0, 1, 1] }, /cannot be read at "image_std/],
  ])('%s is refused with the reason', (_, json, message) => {
    expect(() => processorOf(json, 32)).toThrow(message);
  });
});

describe('the part of a picture that a model sees', () => {
  const crops = { size: { shortest_edge: 32 }, crop_size: { height: 32, width: 32 } };

  test('is the middle where the rest is cropped, without what no whole patch covers', () => {
    expect(processorOf(crops, 32).seen({ width: 128, height: 64 })).toEqual({ x: 0.25, y: 0, width: 0.5, height: 1 });
    expect(processorOf(crops, 32, 24).seen({ width: 64, height: 64 })).toEqual({
      x: 0,
      y: 0,
      width: 0.75,
      height: 0.75,
    });
  });

  test('is all of it where it is squeezed, and more where it gets a border', () => {
    const squeezed = processorOf({ size: { height: 32, width: 32 }, do_center_crop: false }, 32);
    expect(squeezed.seen({ width: 128, height: 64 })).toEqual({ x: 0, y: 0, width: 1, height: 1 });
    const bordered = processorOf({ ...crops, do_resize: false }, 32);
    expect(bordered.seen({ width: 16, height: 32 })).toEqual({ x: -0.5, y: 0, width: 2, height: 1 });
  });
});
