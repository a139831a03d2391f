import { readSvgRoot } from '../svg/markup';

/** Side that an SVG without absolute size is given. */
const defaultSide = 512;
/** Sides beyond these are taken for slips: their ratio says nothing of a picture. */
const [smallestSide, largestSide] = [1e-3, 1e9];

/**
 * Width and height in CSS pixels of an SVG, from its root element: `width` and `height` where they are absolute, else the `viewBox`, else
 * 512 × 512. Null when the bytes are no SVG.
 */
export function readSvgSize(bytes: Uint8Array): [width: number, height: number] | null {
  const root = readSvgRoot(bytes);
  return root === null ? null : svgSize(root);
}

/** Size in CSS pixels by the attributes of a root element; both sides are positive and finite. */
export function svgSize(root: ReadonlyMap<string, string>): [width: number, height: number] {
  const [width, height] = nominalSize(root);
  return isSide(width) && isSide(height) ? [width, height] : [defaultSide, defaultSide];
}

function nominalSize(root: ReadonlyMap<string, string>): [width: number, height: number] {
  const width = absoluteLength(root.get('width'));
  const height = absoluteLength(root.get('height'));
  const [, , boxWidth, boxHeight] = (root.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const aspect = isSide(boxWidth) && isSide(boxHeight) ? boxWidth / boxHeight : 1;
  if (width !== null && height !== null) return [width, height];
  if (width !== null) return [width, width / aspect];
  if (height !== null) return [height * aspect, height];
  return isSide(boxWidth) && isSide(boxHeight) ? [boxWidth, boxHeight] : [defaultSide, defaultSide];
}

const pixelsPerUnit = new Map([
  ['', 1],
  ['px', 1],
  ['pt', 4 / 3],
  ['pc', 16],
  ['in', 96],
  ['cm', 96 / 2.54],
  ['mm', 9.6 / 2.54],
]);

function absoluteLength(text: string | undefined): number | null {
  const length = (text ?? '').trim().toLowerCase();
  const unit = /(?<![a-z])[a-z]+$/.exec(length)?.[0] ?? '';
  const digits = unit === '' ? length : length.slice(0, -unit.length);
  const pixels = digits === '' ? Number.NaN : Number(digits) * (pixelsPerUnit.get(unit) ?? Number.NaN);
  return isSide(pixels) ? pixels : null;
}

function isSide(value: number | undefined): value is number {
  return value !== undefined && value >= smallestSide && value <= largestSide;
}
