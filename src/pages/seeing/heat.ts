/** How weights over a picture are shown: in colours that all readers tell apart, and in words. */

type Colour = readonly [red: number, green: number, blue: number];

/** Five colours of cividis (Nuñez, Anderton & Renslow 2018), even steps to readers with and without colour blindness. */
const ramp: readonly Colour[] = [
  [0, 34, 78],
  [65, 77, 107],
  [124, 123, 120],
  [188, 175, 111],
  [254, 232, 56],
];

/** The colour of a weight of 0…1. */
export function heatColour(weight: number): Colour {
  const at = Math.min(1, Math.max(0, weight)) * (ramp.length - 1);
  const low = ramp[Math.floor(at)] ?? [0, 0, 0];
  const high = ramp[Math.ceil(at)] ?? low;
  const mix = (from: number, to: number): number => Math.round(from + (to - from) * (at - Math.floor(at)));
  return [mix(low[0], high[0]), mix(low[1], high[1]), mix(low[2], high[2])];
}

/** The ramp as a CSS gradient, for legends. */
export const heatGradient = `linear-gradient(to right, ${ramp.map((colour) => `rgb(${colour.join(' ')})`).join(', ')})`;

/** Weights from 0, the smallest, to 1, the largest; all 0 where none differs. */
export function spread(weights: readonly number[]): readonly number[] {
  const low = Math.min(...weights);
  const range = Math.max(...weights) - low;
  return weights.map((weight) => (range > 0 ? (weight - low) / range : 0));
}

/** Pixels of a map, RGBA. What has much weight lets the picture through, what has little is veiled: so the picture itself says what was looked at. */
export function heatPixels(weights: readonly number[]): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * weights.length);
  spread(weights).forEach((weight, at) => pixels.set([...heatColour(weight), 255 * (1 - 0.45 * weight)], 4 * at));
  return pixels;
}

const rows = ['top', 'middle', 'bottom'] as const;
const columns = ['left', 'centre', 'right'] as const;

/** Where the weight lies, in words: the ninths of a picture with the largest shares, `centre 41 %, top left 20 %`. */
export function whereInWords(weights: readonly number[], side: number): string {
  const ninths = new Map<string, number>();
  const third = (place: number): 0 | 1 | 2 => Math.min(2, Math.floor((3 * (place + 0.5)) / side)) as 0 | 1 | 2;
  weights.forEach((weight, at) => {
    const [row, column] = [rows[third(Math.floor(at / side))], columns[third(at % side)]];
    const name = row === 'middle' ? column : `${row} ${column}`;
    ninths.set(name, (ninths.get(name) ?? 0) + weight);
  });
  return [...ninths]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, share]) => `${name} ${Math.round(100 * share)} %`)
    .join(', ');
}
