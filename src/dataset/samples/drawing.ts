/** Whether a point of the square [-1, 1]² lies in a form, y pointing down. */
export type Form = (x: number, y: number) => boolean;

/** sRGB bytes. */
export type Colour = readonly [number, number, number];

/** Forms that can be drawn, by name. */
export const forms = {
  circle: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.88,
  triangle: (x, y) => y <= 0.85 && y >= -0.95 && Math.abs(x) <= (y + 0.95) * 0.57,
  star: isInStar,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) <= 0.33 && Math.max(Math.abs(x), Math.abs(y)) <= 1,
  heart: isInHeart,
  diamond: (x, y) => Math.abs(x) * 1.45 + Math.abs(y) <= 1.05,
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.76) <= 0.24,
  bar: (x, y) => Math.abs(x) <= 1 && Math.abs(y) <= 0.36,
  frame: (x, y) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - 0.7) <= 0.2,
  dome: (x, y) => y <= 0.5 && x * x + (y - 0.5) * (y - 0.5) <= 1,
  corner: (x, y) => Math.abs(x) <= 0.85 && Math.abs(y) <= 0.85 && (x <= -0.25 || y >= 0.25),
  oval: (x, y) => x * x + (y * y) / 0.3 <= 1,
  crescent: (x, y) => x * x + y * y <= 1 && (x - 0.45) ** 2 + y * y > 0.62,
  drop: (x, y) => x * x + (y - 0.35) ** 2 <= 0.4 || (y <= 0.1 && y >= -1 && Math.abs(x) <= (y + 1) * 0.52),
  arrow: (x, y) => Math.abs(x) <= 1 && (x <= 0.1 ? Math.abs(y) <= 0.27 : Math.abs(y) <= (1 - x) * 0.95),
  hourglass: (x, y) => Math.abs(y) <= 0.95 && Math.abs(x) <= 0.12 + Math.abs(y) * 0.75,
  tile: (x, y) => Math.abs(y) <= 0.55 && Math.abs(x + y * 0.6) <= 0.66,
  bolt: (x, y) =>
    (Math.abs(y) <= 1 && (y <= 0.12 ? x <= 0.35 - y * 0.3 && x >= -0.5 - y * 0.35 && x <= 0.62 : false)) ||
    (y > -0.12 && y <= 1 && x >= -0.15 + (y - 1) * 0.05 && x <= 0.6 - y * 0.65),
  arch: (x, y) =>
    Math.abs(x) <= 0.9 &&
    y <= 0.85 &&
    (y >= 0 || x * x + y * y <= 0.81) &&
    (y < 0 ? x * x + y * y >= 0.2 : Math.abs(x) >= 0.45),
} satisfies Record<string, Form>;

/** Random numbers in [0, 1) from a seed. */
export type Random = () => number;

/** The generator "mulberry32": the same numbers for a seed in every browser. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Opaque RGBA bytes of a light ground whose tint varies with `random`. */
export function lightGround(side: number, random: Random): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(side * side * 4);
  const ground = [0, 1, 2].map(() => 255 - 22 * random());
  for (let i = 0; i < pixels.length; i += 4) {
    pixels.set([ground[0]!, ground[1]!, ground[2]!, 255], i);
  }
  return pixels;
}

/** What to draw and where: the centre and half the form's side are shares of the picture's side. */
export interface Drawn {
  readonly contains: Form;
  readonly colour: Colour;
  readonly half: number;
  readonly x: number;
  readonly y: number;
}

/** Draws a form with smooth edges; its size, angle and tint vary a little with `random`. */
export function drawForm(pixels: Uint8ClampedArray, side: number, random: Random, drawn: Drawn): void {
  const half = side * drawn.half * (0.94 + 0.12 * random());
  const angle = 0.3 * (random() - 0.5);
  const cos = Math.cos(angle) / half;
  const sin = Math.sin(angle) / half;
  const tint = drawn.colour.map((value) => value + 16 * (random() - 0.5));
  const centre = { x: side * drawn.x, y: side * drawn.y };
  const reach = half * 1.5;
  const limit = side - 1;
  for (let row = Math.max(0, Math.floor(centre.y - reach)); row <= Math.min(limit, centre.y + reach); row++) {
    for (
      let column = Math.max(0, Math.floor(centre.x - reach));
      column <= Math.min(limit, centre.x + reach);
      column++
    ) {
      let inside = 0;
      for (let sample = 0; sample < 16; sample++) {
        const dx = column + ((sample & 3) + 0.5) / 4 - centre.x;
        const dy = row + ((sample >> 2) + 0.5) / 4 - centre.y;
        if (drawn.contains(dx * cos + dy * sin, dy * cos - dx * sin)) inside++;
      }
      const offset = (row * side + column) * 4;
      for (let channel = 0; channel < 3; channel++) {
        pixels[offset + channel]! += ((tint[channel]! - pixels[offset + channel]!) * inside) / 16;
      }
    }
  }
}

function isInStar(x: number, y: number): boolean {
  const fifth = (2 * Math.PI) / 5;
  const turn = Math.atan2(x, -y);
  const within = Math.abs(turn - fifth * Math.round(turn / fifth));
  // The edge of a point runs from the tip (radius 1.1) to the notch (radius 0.46) at half a fifth of a turn.
  const [tip, notch] = [1.1, 0.46];
  const radius = Math.hypot(x, y);
  const edge = (tip * notch * Math.sin(fifth / 2)) / (tip * Math.sin(within) + notch * Math.sin(fifth / 2 - within));
  return radius <= edge;
}

function isInHeart(x: number, y: number): boolean {
  const [u, v] = [x * 1.15, 0.15 - y * 1.15];
  const body = u * u + v * v - 0.85;
  return body * body * body - u * u * v * v * v * 1.4 <= 0;
}

/** The keys of a record whose keys are all known. */
export function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  return Object.keys(record) as Key[];
}

/** One of the items at random. */
export function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)]!;
}
