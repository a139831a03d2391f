/** The forms that a scene can show; each is a test whether a point of the square [-1, 1]² lies in it, y pointing down. */
const forms = {
  circle: (x: number, y: number) => x * x + y * y <= 1,
  square: (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) <= 0.88,
  triangle: (x: number, y: number) => y <= 0.85 && y >= -0.95 && Math.abs(x) <= (y + 0.95) * 0.57,
  star: isInStar,
  cross: (x: number, y: number) =>
    Math.min(Math.abs(x), Math.abs(y)) <= 0.33 && Math.max(Math.abs(x), Math.abs(y)) <= 1,
  heart: isInHeart,
} satisfies Record<string, (x: number, y: number) => boolean>;

/** Colour names and what they look like, as sRGB bytes. */
const colours = {
  red: [217, 38, 38],
  orange: [242, 140, 30],
  yellow: [247, 214, 50],
  green: [47, 150, 64],
  blue: [45, 95, 215],
  purple: [125, 60, 175],
  pink: [245, 140, 190],
  black: [32, 32, 36],
} satisfies Record<string, readonly [number, number, number]>;

/** Size names and half the side of the form, as a share of the picture's side. */
const sizes = { small: 0.1, large: 0.205 };

/** Relation → unit step from the second thing to the first. */
const relations = {
  above: [0, -1],
  below: [0, 1],
  'to the left of': [-1, 0],
  'to the right of': [1, 0],
} satisfies Record<string, readonly [number, number]>;

export interface Thing {
  readonly size: keyof typeof sizes;
  readonly colour: keyof typeof colours;
  readonly form: keyof typeof forms;
}

/** Two things and where the first stands, seen from the second. */
export interface Scene {
  readonly first: Thing;
  readonly relation: keyof typeof relations;
  readonly second: Thing;
}

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

/** Different scenes at random, of which no two look alike: "A above B" and "B below A" count as one. */
export function randomScenes(count: number, random: Random): Scene[] {
  const scenes = new Map<string, Scene>();
  while (scenes.size < count) {
    const scene = {
      first: randomThing(random),
      relation: pick(keysOf(relations), random),
      second: randomThing(random),
    };
    if (describeThing(scene.first) !== describeThing(scene.second)) scenes.set(appearance(scene), scene);
  }
  return [...scenes.values()];
}

/** The caption: "a small red circle above a large blue square". */
export function describeScene({ first, relation, second }: Scene): string {
  return `a ${describeThing(first)} ${relation} a ${describeThing(second)}`;
}

/** What can be told of a scene by looking, besides its caption, whichever thing is named first. */
export function factsOf({ first, relation, second }: Scene): { readonly label: Thing['form']; readonly large: number } {
  const leads = relation === 'above' || relation === 'to the left of';
  return {
    label: (leads ? first : second).form,
    large: [first, second].filter(({ size }) => size === 'large').length,
  };
}

/**
 * Draws a scene as RGBA bytes, `side` × `side`. Places, angles, tints and the light ground vary with `random`, so that one
 * scene has many pictures.
 */
export function drawScene(scene: Scene, side: number, random: Random): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(side * side * 4);
  const ground = [0, 1, 2].map(() => 255 - 22 * random());
  for (let i = 0; i < pixels.length; i += 4) {
    pixels.set([ground[0]!, ground[1]!, ground[2]!, 255], i);
  }
  const [stepX, stepY] = relations[scene.relation];
  const gap = 0.235 + 0.025 * random();
  const centre = [0.5 + 0.05 * (random() - 0.5), 0.5 + 0.05 * (random() - 0.5)] as const;
  for (const [thing, way] of [[scene.first, 1] as const, [scene.second, -1] as const]) {
    const across = 0.12 * (random() - 0.5);
    drawThing(pixels, side, thing, random, {
      x: side * (centre[0] + way * gap * stepX + (stepX === 0 ? across : 0)),
      y: side * (centre[1] + way * gap * stepY + (stepY === 0 ? across : 0)),
    });
  }
  return pixels;
}

function drawThing(
  pixels: Uint8ClampedArray,
  side: number,
  thing: Thing,
  random: Random,
  centre: { x: number; y: number },
): void {
  const half = side * sizes[thing.size] * (0.94 + 0.12 * random());
  const angle = 0.3 * (random() - 0.5);
  const cos = Math.cos(angle) / half;
  const sin = Math.sin(angle) / half;
  const tint = colours[thing.colour].map((value) => value + 16 * (random() - 0.5));
  const contains = forms[thing.form];
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
        if (contains(dx * cos + dy * sin, dy * cos - dx * sin)) inside++;
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

function randomThing(random: Random): Thing {
  return {
    size: pick(keysOf(sizes), random),
    colour: pick(keysOf(colours), random),
    form: pick(keysOf(forms), random),
  };
}

function describeThing({ size, colour, form }: Thing): string {
  return `${size} ${colour} ${form}`;
}

/** One text for the two captions that fit a picture. */
function appearance(scene: Scene): string {
  const { first, relation, second } = scene;
  if (relation === 'below') return describeScene({ first: second, relation: 'above', second: first });
  if (relation === 'to the right of')
    return describeScene({ first: second, relation: 'to the left of', second: first });
  return describeScene(scene);
}

function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  return Object.keys(record) as Key[];
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)]!;
}
