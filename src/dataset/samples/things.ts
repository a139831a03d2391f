import { lightGround, type Colour, type Random } from './drawing';

/**
 * Things of a household, drawn from simple parts, in several states. A point of the square [-1, 1]², y pointing down, belongs to the body of a thing
 * (1), to a part in its second colour (2), or to neither (0).
 */
type Shape = (x: number, y: number) => 0 | 1 | 2;

const within = (x: number, y: number, left: number, top: number, right: number, bottom: number): boolean =>
  x >= left && x <= right && y >= top && y <= bottom;
const inDisc = (x: number, y: number, cx: number, cy: number, radius: number): boolean =>
  (x - cx) ** 2 + (y - cy) ** 2 <= radius * radius;

/** The things that are reviewed, by what sentences call them. */
export const things = {
  mug: (x, y) => {
    if (within(x, y, -0.62, -0.62, 0.42, 0.72)) return y < -0.46 ? 2 : 1;
    const ring = Math.hypot(x - 0.42, y - 0.02);
    return x > 0.42 && ring <= 0.42 && ring >= 0.22 ? 1 : 0;
  },
  plate: (x, y) => {
    const radius = Math.hypot(x, y);
    return radius > 0.9 ? 0 : radius > 0.5 ? 1 : 2;
  },
  lamp: (x, y) => {
    if (y <= 0.05 && y >= -0.85 && Math.abs(x) <= 0.32 + (y + 0.85) * 0.42) return 1;
    return within(x, y, -0.09, 0.05, 0.09, 0.72) || within(x, y, -0.42, 0.72, 0.42, 0.88) ? 2 : 0;
  },
  chair: (x, y) => {
    if (within(x, y, -0.55, -0.9, -0.33, 0.9) || within(x, y, 0.35, 0.1, 0.55, 0.9)) return 2;
    return within(x, y, -0.55, -0.05, 0.55, 0.2) || within(x, y, -0.33, -0.85, 0.1, -0.35) ? 1 : 0;
  },
  vase: (x, y) => {
    if (within(x, y, -0.4, -0.9, 0.4, -0.74)) return 2;
    const waist = y < -0.35 ? 0.24 : 0.24 + 0.46 * Math.sin(((y + 0.35) / 1.25) * Math.PI) ** 0.8;
    return y >= -0.74 && y <= 0.88 && Math.abs(x) <= waist ? 1 : 0;
  },
  bottle: (x, y) => {
    if (within(x, y, -0.2, -0.95, 0.2, -0.74)) return 2;
    if (within(x, y, -0.16, -0.74, 0.16, -0.3)) return 1;
    if (!within(x, y, -0.42, -0.3, 0.42, 0.92)) return 0;
    return within(x, y, -0.42, 0.1, 0.42, 0.5) ? 2 : 1;
  },
  clock: (x, y) => {
    const radius = Math.hypot(x, y);
    if (radius > 0.88) return 0;
    if (radius > 0.68) return 2;
    return within(x, y, -0.06, -0.55, 0.06, 0.06) || within(x, y, -0.06, -0.06, 0.4, 0.06) ? 2 : 1;
  },
  book: (x, y) => {
    if (!within(x, y, -0.66, -0.85, 0.66, 0.85)) return 0;
    return x < -0.48 || within(x, y, -0.2, -0.55, 0.42, -0.28) ? 2 : 1;
  },
  umbrella: (x, y) => {
    if (y <= 0.05 && x * x + (y - 0.05) ** 2 <= 0.81) return Math.abs(x) < 0.3 ? 2 : 1;
    if (within(x, y, -0.06, 0.05, 0.06, 0.75)) return 2;
    const hook = Math.hypot(x - 0.14, y - 0.72);
    return y > 0.72 && hook <= 0.22 && hook >= 0.1 ? 2 : 0;
  },
  kettle: (x, y) => {
    if (inDisc(x, y, 0, 0.25, 0.6) && y <= 0.75) return 1;
    if (within(x, y, -0.14, -0.5, 0.14, -0.33)) return 2;
    const handle = Math.hypot(x, y + 0.05);
    if (y < -0.1 && handle <= 0.78 && handle >= 0.62) return 2;
    return x > 0.45 && x < 0.95 && Math.abs(y - 0.25 + (x - 0.45) * 0.7) < 0.11 ? 1 : 0;
  },
  bag: (x, y) => {
    if (y >= -0.25 && y <= 0.85 && Math.abs(x) <= 0.62 + 0.12 * y) return within(x, y, -0.14, 0, 0.14, 0.22) ? 2 : 1;
    const handle = Math.hypot(x, y + 0.25);
    return y < -0.25 && handle <= 0.5 && handle >= 0.34 ? 2 : 0;
  },
  phone: (x, y) => {
    if (!within(x, y, -0.46, -0.92, 0.46, 0.92)) return 0;
    return within(x, y, -0.36, -0.74, 0.36, 0.62) || inDisc(x, y, 0, 0.77, 0.08) ? 2 : 1;
  },
} satisfies Record<string, Shape>;
export type Thing = keyof typeof things;

/** In what state a thing may be; only the first is as one wants it. */
export const conditions = ['whole', 'cracked', 'stained', 'chipped'] as const;
export type Condition = (typeof conditions)[number];

const bodies: readonly Colour[] = [
  [206, 62, 58],
  [232, 150, 46],
  [70, 152, 92],
  [58, 112, 200],
  [136, 84, 176],
  [222, 108, 150],
  [72, 168, 176],
  [150, 150, 158],
];
const accents: readonly Colour[] = [
  [244, 236, 214],
  [250, 214, 96],
  [182, 214, 240],
  [222, 222, 226],
];
const dirt: Colour = [84, 58, 30];

/** Opaque RGBA bytes of a thing in a state, in colours, size and tilt that say nothing of it. */
export function drawThing(
  { thing, condition }: { readonly thing: Thing; readonly condition: Condition },
  side: number,
  random: Random,
): Uint8ClampedArray {
  const pixels = lightGround(side, random);
  const body = bodies[Math.floor(random() * bodies.length)]!;
  const accent = accents[Math.floor(random() * accents.length)]!;
  const half = side * (0.36 + 0.08 * random());
  const angle = 0.24 * (random() - 0.5);
  const [cos, sin] = [Math.cos(angle) / half, Math.sin(angle) / half];
  const [centreX, centreY] = [0, 1].map(() => side * (0.5 + 0.06 * (random() - 0.5))) as [number, number];
  const shape: Shape = things[thing];
  const damage = damageOf(condition, shape, random);
  const colourAt = (px: number, py: number): Colour | null => {
    const dx = px - centreX;
    const dy = py - centreY;
    const where = damage(dx * cos + dy * sin, dy * cos - dx * sin);
    if (where === null) return null;
    const part = shape(where.x, where.y);
    if (part === 0) return null;
    return where.dirty ? dirt : part === 1 ? body : accent;
  };
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const offset = (row * side + column) * 4;
      const ground = [pixels[offset]!, pixels[offset + 1]!, pixels[offset + 2]!];
      const sum = [0, 0, 0];
      for (let sample = 0; sample < 16; sample += 1) {
        const colour = colourAt(column + ((sample & 3) + 0.5) / 4, row + ((sample >> 2) + 0.5) / 4) ?? ground;
        for (let channel = 0; channel < 3; channel += 1) sum[channel]! += colour[channel]! / 16;
      }
      for (let channel = 0; channel < 3; channel += 1) pixels[offset + channel] = sum[channel]!;
    }
  }
  return pixels;
}

/** Where in the whole thing lies what is seen at a point; null where something is missing. */
type Damage = (x: number, y: number) => { readonly x: number; readonly y: number; readonly dirty: boolean } | null;

/** Points of a thing, spread over it. */
function pointsOf(shape: Shape, count: number, random: Random): readonly { readonly x: number; readonly y: number }[] {
  const points: { readonly x: number; readonly y: number }[] = [];
  while (points.length < count) {
    const point = { x: 2 * random() - 1, y: 2 * random() - 1 };
    if (shape(point.x, point.y) !== 0) points.push(point);
  }
  return points;
}

function damageOf(condition: Condition, shape: Shape, random: Random): Damage {
  switch (condition) {
    case 'whole':
      return (x, y) => ({ x, y, dirty: false });
    case 'cracked': {
      // Two halves have come apart along a jagged line.
      const slope = (random() - 0.5) * 1.2;
      const [gap, slip, phase] = [0.1 + 0.05 * random(), 0.2 + 0.12 * random(), random() * 6];
      return (x, y) => {
        const line = slope * y + 0.12 * Math.sin(phase + 7 * y);
        if (Math.abs(x - line) < gap) return null;
        const way = x > line ? 1 : -1;
        return { x: x - (way * gap) / 2, y: y - (way * slip) / 2, dirty: false };
      };
    }
    case 'stained': {
      const spots = pointsOf(shape, 7, random).map((point) => ({ ...point, radius: 0.13 + 0.13 * random() }));
      return (x, y) => ({ x, y, dirty: spots.some((spot) => inDisc(x, y, spot.x, spot.y, spot.radius)) });
    }
    case 'chipped': {
      const bites = pointsOf(shape, 4, random).map((point) => ({ ...point, radius: 0.22 + 0.08 * random() }));
      return (x, y) =>
        bites.some((bite) => inDisc(x, y, bite.x, bite.y, bite.radius)) ? null : { x, y, dirty: false };
    }
  }
}
