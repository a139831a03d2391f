/** Side that an SVG without absolute size is given. */
const defaultSide = 512;

/**
 * Width and height in CSS pixels of an SVG, from its root element: `width` and `height` where they are absolute, else the `viewBox`, else
 * 512 × 512. Null when the bytes are no SVG.
 */
export function readSvgSize(bytes: Uint8Array): [width: number, height: number] | null {
  // The root element may follow an XML declaration, a doctype and long comments, but not by much.
  const head = new TextDecoder().decode(bytes.subarray(0, 65_536)).replace(/<!--[\s\S]*?(-->|$)/g, '');
  const root =
    /^\uFEFF?\s*(?:<\?xml[\s\S]*?\?>\s*)?(?:<!DOCTYPE\s+svg(?:[^[>]|\[[\s\S]*?\])*>\s*)?<(?:\w+:)?svg\b([^>]*)>/i.exec(
      head,
    );
  if (root === null) return null;
  const attributes = root[1] ?? '';
  const width = absoluteLength(attribute(attributes, 'width'));
  const height = absoluteLength(attribute(attributes, 'height'));
  const [, , boxWidth, boxHeight] = (attribute(attributes, 'viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const aspect = isSide(boxWidth) && isSide(boxHeight) ? boxWidth / boxHeight : 1;
  if (width !== null && height !== null) return [width, height];
  if (width !== null) return [width, width / aspect];
  if (height !== null) return [height * aspect, height];
  return isSide(boxWidth) && isSide(boxHeight) ? [boxWidth, boxHeight] : [defaultSide, defaultSide];
}

function attribute(attributes: string, name: string): string | null {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return found?.[1] ?? found?.[2] ?? null;
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

function absoluteLength(text: string | null): number | null {
  const parts = /^\s*([\d.]+(?:e[-+]?\d+)?)\s*([a-z]*)\s*$/i.exec(text ?? '');
  const scale = pixelsPerUnit.get((parts?.[2] ?? '').toLowerCase());
  const pixels = Number(parts?.[1]) * (scale ?? Number.NaN);
  return isSide(pixels) ? pixels : null;
}

function isSide(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}
