import { encode } from 'fast-png';

/** A plain colour with a lighter square somewhere, so that no two pictures of different seeds are equal. */
export function picture(seed: number, side = 32): Uint8Array {
  const data = new Uint8Array(side * side * 3);
  const colour = [(seed * 67) % 200, (seed * 131) % 200, (seed * 29) % 200];
  const left = (seed * 7) % (side / 2);
  const top = (seed * 11) % (side / 2);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inside = x >= left && x < left + side / 3 && y >= top && y < top + side / 3;
      for (let channel = 0; channel < 3; channel++) {
        data[(y * side + x) * 3 + channel] = (colour[channel] ?? 0) + (inside ? 55 : 0);
      }
    }
  }
  return encode({ width: side, height: side, data, channels: 3, depth: 8 });
}

const colours = ['red', 'green', 'blue', 'grey', 'amber', 'violet', 'teal', 'black'];
const things = ['box', 'tile', 'flag', 'card', 'stamp', 'window', 'poster', 'label'];

/** A caption for the picture of a seed; distinct for seeds below 64. */
export function caption(seed: number): string {
  return `a ${colours[seed % 8] ?? ''} ${things[Math.floor(seed / 8) % 8] ?? ''}`;
}
