import { expect, test } from 'vitest';
import { heatColour, heatPixels, spread, whereInWords } from './heat';

test('colours grow lighter with the weight, whatever the reader sees of hues', () => {
  const lightness = Array.from({ length: 21 }, (_, at) => {
    const [red, green, blue] = heatColour(at / 20);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  expect(lightness).toEqual([...lightness].sort((a, b) => a - b));
  expect(new Set(lightness).size).toBe(21);
});

test('the heaviest part of a picture is the least veiled', () => {
  const pixels = heatPixels([0.1, 0.4, 0.2, 0.3]);
  const veil = [3, 7, 11, 15].map((at) => pixels[at]);
  expect(veil[0]).toBe(255);
  expect(Math.min(...veil.map(Number))).toBe(veil[1]);
});

test('weights are spread from 0 to 1; equal ones say nothing', () => {
  expect(spread([2, 4, 3])).toEqual([0, 1, 0.5]);
  expect(spread([0.25, 0.25])).toEqual([0, 0]);
});

test('says where the weight lies', () => {
  const weights = new Array<number>(36).fill(0);
  weights[0] = 0.2;
  weights[14] = 0.5;
  weights[35] = 0.3;
  expect(whereInWords(weights, 6)).toBe('centre 50 %, bottom right 30 %, top left 20 %');
});
