import type { SourceFile } from '../source';
import { drawForm, forms, keysOf, lightGround, pick, seededRandom, type Colour, type Random } from './drawing';
import { generatedFiles } from './files';

export interface CountFilesOptions {
  /** How many pictures; each number of shapes comes as often as any other, or once more. */
  readonly count?: number;
  readonly seed?: number;
  /** Pixels a side. */
  readonly side?: number;
}

/** Most shapes in a picture: one in each cell of a grid of three by three. */
export const mostShapes = 9;
const cells = 3;

/** Forms and colours that are told from each other at a glance, and from the light ground. */
const countedForms = ['circle', 'square', 'triangle', 'star', 'cross', 'heart', 'diamond', 'ring'] as const;
const colours: Readonly<Record<string, Colour>> = {
  red: [214, 40, 40],
  orange: [238, 132, 28],
  green: [46, 148, 68],
  blue: [38, 92, 204],
  purple: [130, 62, 176],
  brown: [122, 80, 48],
  black: [32, 32, 36],
};

/** What a picture shows: so many shapes of one form, in one colour or in several. */
export interface CountedShapes {
  readonly count: number;
  readonly form: (typeof countedForms)[number];
  /** Of each shape. */
  readonly colours: readonly string[];
  /** Half the side of a shape, as a share of the picture's. It does not depend on the count. */
  readonly half: number;
}

/** Pictures in random order, all counts equally often. */
export function randomCounts(count: number, random: Random): CountedShapes[] {
  const shapes = Array.from({ length: count }, (_, i): CountedShapes => {
    const own = 1 + (i % mostShapes);
    const only = pick(keysOf(colours), random);
    const isMixed = random() < 0.5;
    return {
      count: own,
      form: pick(countedForms, random),
      colours: Array.from({ length: own }, () => (isMixed ? pick(keysOf(colours), random) : only)),
      half: 0.06 + 0.055 * random(),
    };
  });
  return shuffled(shapes, random);
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}

/** Opaque RGBA bytes of the shapes, none of which touches another. */
export function drawCounted(shapes: CountedShapes, side: number, random: Random): Uint8ClampedArray {
  const pixels = lightGround(side, random);
  const places = shuffled(
    Array.from({ length: cells * cells }, (_, cell) => cell),
    random,
  ).slice(0, shapes.count);
  for (const [i, cell] of places.entries()) {
    // What a shape may move within its cell without leaving it, turned and at its largest.
    const room = Math.max(0, 1 / (2 * cells) - 1.2 * shapes.half);
    const at = (place: number): number => (place + 0.5) / cells + 2 * room * (random() - 0.5);
    drawForm(pixels, side, random, {
      contains: forms[shapes.form],
      colour: colours[shapes.colours[i] ?? 'black'] ?? [0, 0, 0],
      half: shapes.half,
      x: at(cell % cells),
      y: at(Math.floor(cell / cells)),
    });
  }
  return pixels;
}

/**
 * The generated sample, counted shapes, as files of an import: one to nine shapes a picture, and their number. The same options give the same bytes.
 */
export function countFiles({ count = 720, seed = 1, side = 64 }: CountFilesOptions = {}): SourceFile[] {
  const pictures = randomCounts(count, seededRandom(seed)).map((shapes, i) => ({
    about: { count: shapes.count, form: shapes.form },
    draw: () => drawCounted(shapes, side, seededRandom(seed * 65_537 + i)),
  }));
  return generatedFiles(pictures, side);
}
