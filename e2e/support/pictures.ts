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

const forms = {
  circles: (x: number, y: number) => x * x + y * y < 1,
  crosses: (x: number, y: number) =>
    Math.min(Math.abs(x), Math.abs(y)) < 0.25 && Math.max(Math.abs(x), Math.abs(y)) < 1,
  squares: (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) < 0.8,
};
export type Form = keyof typeof forms;
export const formNames = Object.keys(forms) as readonly Form[];

/** A dark form somewhere on a light ground, different for each seed. */
export function formPicture(form: Form, seed: number, side = 48): Uint8Array {
  const data = new Uint8Array(side * side * 3);
  const size = side * (0.25 + 0.02 * (seed % 8));
  const [cx, cy] = [side * (0.4 + 0.025 * (seed % 7)), side * (0.4 + 0.03 * (seed % 5))];
  const colour = [(seed * 67) % 120, (seed * 31) % 120, (seed * 17) % 120];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inside = forms[form]((x - cx) / size, (y - cy) / size);
      for (let channel = 0; channel < 3; channel++) {
        data[(y * side + x) * 3 + channel] = inside ? (colour[channel] ?? 0) : 245;
      }
    }
  }
  return encode({ width: side, height: side, data, channels: 3, depth: 8 });
}
