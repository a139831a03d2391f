import { maxPixels, readImageInfo, type ImageInfo } from '../image-info';
import { svgSize } from '../image-headers/svg';
import { checkBudget } from './budget';
import { maxOctaves } from './filters';
import { readSvg, svgRefused, type SvgElement } from './markup';

/**
 * Makes an SVG from outside safe to draw: it is read by Vernier's own rules and written again, with what draws a still picture and nothing else,
 * so that the browser sees neither a document type nor scripts nor addresses outside of it, and only if drawing takes no longer than some seconds.
 *
 * @param width of the drawing in pixels
 * @returns the SVG as UTF-8
 * @throws Error with a sentence for the user
 */
export function prepareSvg(bytes: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const root = readSvg(bytes);
  checkBudget(root);
  const parts: string[] = [];
  write(sized(root, width, height), parts, { pixels: 0 });
  return new TextEncoder().encode(parts.join(''));
}

/** The root element drawn at a size; what it measures in stays. */
function sized(root: SvgElement, width: number, height: number): SvgElement {
  const [nominalWidth, nominalHeight] = svgSize(root.attributes);
  const attributes = new Map(root.attributes);
  if (!attributes.has('viewBox')) attributes.set('viewBox', `0 0 ${nominalWidth} ${nominalHeight}`);
  attributes.set('width', String(width)).set('height', String(height)).set('xmlns', 'http://www.w3.org/2000/svg');
  return { ...root, attributes };
}

/** Writes an element; `drawn` sums up the pixels of embedded pictures. */
function write(element: SvgElement, parts: string[], drawn: { pixels: number }): void {
  const { name, children } = element;
  parts.push('<', name);
  for (const [attribute, value] of element.attributes) {
    const kept = keptValue(element, attribute, value, drawn);
    if (kept !== null) parts.push(' ', attribute, '="', escaped(kept), '"');
  }
  if (children.length === 0) {
    parts.push('/>');
    return;
  }
  parts.push('>');
  for (const child of children) {
    if (typeof child === 'string') parts.push(escaped(child));
    else write(child, parts, drawn);
  }
  parts.push('</', name, '>');
}

/** An attribute's value as it goes to the browser; null for attributes that do not. */
function keptValue({ name }: SvgElement, attribute: string, value: string, drawn: { pixels: number }): string | null {
  if (attribute.startsWith('on')) return null;
  if (name === 'feTurbulence' && attribute === 'numOctaves')
    return Number(value) > maxOctaves ? `${maxOctaves}` : value;
  if (attribute !== 'href' || value.trim().startsWith('#')) return value;
  // Nothing else is ever fetched for a picture, so leaving the address out changes nothing.
  return (name === 'image' || name === 'feImage') && value.trim().startsWith('data:') ? embedded(value, drawn) : null;
}

/** Checks an embedded picture like any other: by its header, before a browser decodes it. */
function embedded(address: string, drawn: { pixels: number }): string {
  const plain = address.trim();
  const comma = plain.indexOf(',');
  const { type, width, height } = embeddedInfo(plain.slice(0, comma), plain.slice(comma + 1));
  if (type === 'image/svg+xml') throw svgRefused('another SVG is embedded in it');
  drawn.pixels += width * height;
  if (drawn.pixels > maxPixels) {
    throw svgRefused(`the pictures embedded in it have over ${maxPixels / 1e6} megapixels`);
  }
  return plain;
}

function embeddedInfo(head: string, body: string): ImageInfo {
  try {
    const text = decodeURIComponent(body);
    const binary = head.endsWith(';base64') ? atob(text) : text;
    return readImageInfo(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  } catch {
    throw svgRefused('a picture embedded in it is damaged, too large or of a format that Vernier does not know');
  }
}

const escapes = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

function escaped(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => escapes.get(character) ?? character);
}
