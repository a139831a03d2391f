import { drawForm, forms, keysOf, lightGround, pick, type Colour, type Random } from './drawing';

/** The forms that a scene can show. */
const sceneForms = ['circle', 'square', 'triangle', 'star', 'cross', 'heart'] as const;

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
} satisfies Record<string, Colour>;

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
  readonly form: (typeof sceneForms)[number];
}

/** Two things and where the first stands, seen from the second. */
export interface Scene {
  readonly first: Thing;
  readonly relation: keyof typeof relations;
  readonly second: Thing;
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
  const pixels = lightGround(side, random);
  const [stepX, stepY] = relations[scene.relation];
  const gap = 0.235 + 0.025 * random();
  const centre = [0.5 + 0.05 * (random() - 0.5), 0.5 + 0.05 * (random() - 0.5)] as const;
  for (const [thing, way] of [[scene.first, 1] as const, [scene.second, -1] as const]) {
    const across = 0.12 * (random() - 0.5);
    drawForm(pixels, side, random, {
      contains: forms[thing.form],
      colour: colours[thing.colour],
      half: sizes[thing.size],
      x: centre[0] + way * gap * stepX + (stepX === 0 ? across : 0),
      y: centre[1] + way * gap * stepY + (stepY === 0 ? across : 0),
    });
  }
  return pixels;
}

function randomThing(random: Random): Thing {
  return {
    size: pick(keysOf(sizes), random),
    colour: pick(keysOf(colours), random),
    form: pick(sceneForms, random),
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
