import { describe, expect, test } from 'vitest';
import { strengths, type PerturbationId } from '../../tasks/robustness';
import { spoiledPicture, spoiledWords } from '.';

const side = 64;
/** A square on a slope of colours. */
const picture = Uint8Array.from({ length: 3 * side * side }, (_, at) => {
  const [row, column, channel] = [Math.floor(at / 3 / side), Math.floor(at / 3) % side, at % 3];
  if (row > 10 && row < 25 && column > 12 && column < 30) return [200, 40, 90][channel]!;
  return [3 * row, 3 * column, 60][channel]!;
});
const off = (a: Uint8Array, b: Uint8Array = picture): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
const ids = ['blur', 'noise', 'jpeg', 'crop'] as const satisfies readonly PerturbationId[];

describe.each(ids)('%s', (id) => {
  const spoiled = strengths.map((strength) => spoiledPicture(id, picture, side, strength, 'a'));

  test('is the same for the same picture, of the same size, and more the stronger it is', () => {
    spoiled.forEach((pixels, index) => {
      expect(pixels).toHaveLength(picture.length);
      expect(spoiledPicture(id, picture, side, strengths[index]!, 'a')).toEqual(pixels);
    });
    const [light = 0, medium = 0, strong = 0] = spoiled.map((pixels) => off(pixels));
    expect(light).toBeGreaterThan(0.1);
    expect(medium).toBeGreaterThan(light);
    expect(strong).toBeGreaterThan(medium);
    expect(strong).toBeLessThan(80);
  });
});

test('noise has the deviation that it says, and crops differ by picture', () => {
  const grey = new Uint8Array(3 * 100 * 100).fill(128);
  const pixels = spoiledPicture('noise', grey, 100, 'medium', 'a');
  const deviation = Math.sqrt(pixels.reduce((sum, value) => sum + (value - 128) ** 2, 0) / pixels.length);
  expect(deviation / 255).toBeCloseTo(0.08, 2);
  expect(
    off(spoiledPicture('crop', picture, side, 'strong', 'a'), spoiledPicture('crop', picture, side, 'strong', 'b')),
  ).toBeGreaterThan(1);
});

test('a picture of one colour stays what it is, but for noise', () => {
  const grey = new Uint8Array(3 * 24 * 24).fill(120);
  for (const id of ['blur', 'crop', 'jpeg'] as const) {
    expect(off(spoiledPicture(id, grey, 24, 'strong', 'a'), grey), id).toBeLessThan(6);
  }
});

test('words get mistakes in about the share that is said, and keep their length but for a letter', () => {
  const text = Array.from({ length: 500 }, (_, i) => ['horse', 'on', 'green', 'beach', 'a'][i % 5]).join(' ');
  const spoiled = spoiledWords(text, 'medium');
  expect(spoiledWords(text, 'medium')).toBe(spoiled);
  const [before, after] = [text.split(' '), spoiled.split(' ')];
  expect(after).toHaveLength(before.length);
  const changed = after.filter((word, place) => word !== before[place]).length;
  expect(changed).toBeGreaterThan(30);
  expect(changed).toBeLessThan(90);
  after.forEach((word, place) => expect(Math.abs(word.length - before[place]!.length)).toBeLessThanOrEqual(1));
  expect(spoiledWords('', 'strong')).toBe('');
});
