import { SaxesParser } from 'saxes';
import { formatBytes } from '../errors';
import { decodeXml } from './encoding';
import { plainEntities } from './entities';
import { isDrawn } from './vocabulary';

/** An element that may be drawn, with attributes by local name (`href` for `xlink:href`) and children in order; strings are text. */
export interface SvgElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (SvgElement | string)[];
}

/** Most bytes of markup. What draws a picture of 512 pixels needs less; embedded photographs may need a few megabytes. */
const maxBytes = 20e6;
/** Most elements of a document before any reference is followed. */
const maxElements = 200_000;
/** Deepest nesting. The XML parsers of browsers stop at 256. */
const maxDepth = 250;
/** Most characters that entities may become in all. */
const maxExpansion = 1e6;
/** Bytes in which the root element must begin: it may follow a declaration, a document type and comments, but not by much. */
const headBytes = 65_536;
/** Characters handed to the parser between two looks at whether the root was there. */
const headStep = 2_048;

const svgNamespace = 'http://www.w3.org/2000/svg';
const xlinkNamespace = 'http://www.w3.org/1999/xlink';

/** Error for an SVG that is not drawn, in words for the user. `why` follows "The SVG cannot be drawn:". */
export function svgRefused(why: string): Error {
  return new Error(
    `The SVG cannot be drawn: ${why}. Open and save it as plain SVG in a drawing program, or convert it to PNG.`,
  );
}

/** Attributes of the root element, by their names as written; null when the bytes are no SVG. Reads the first 64 KiB at most. */
export function readSvgRoot(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const text = decodeXml(bytes.subarray(0, headBytes));
  const parser = newParser(text);
  let root: ReadonlyMap<string, string> | null = null;
  let isSvg = false;
  parser.on('opentag', ({ local, attributes }) => {
    if (root !== null) return;
    isSvg = local.toLowerCase() === 'svg';
    root = new Map(Object.values(attributes).map(({ name, value }) => [name, value]));
  });
  try {
    for (let at = 0; at < text.length && root === null; at += headStep) parser.write(text.slice(at, at + headStep));
  } catch {
    // Whatever follows the root element is read, and complained of, when the picture is drawn.
  }
  return isSvg ? root : null;
}

/**
 * Reads an SVG in one pass, in time proportional to its length. Kept is only what draws a still picture: elements of the SVG namespace that
 * Vernier knows, without scripts, foreign content, animation and metadata. Entities of the document type stand for plain text or are refused.
 * @throws Error with a sentence for the user
 */
export function readSvg(bytes: Uint8Array): SvgElement {
  if (bytes.length > maxBytes) {
    throw svgRefused(`it has ${formatBytes(bytes.length)}, over the limit of ${formatBytes(maxBytes)}`);
  }
  const text = decodeXml(bytes);
  const parser = newParser(text);
  const open: { name: string; attributes: Map<string, string>; children: (SvgElement | string)[] }[] = [];
  let root: SvgElement | null = null;
  let elements = 0;
  let depth = 0;
  /** Depth of the element whose whole content is left out; infinite where nothing is. */
  let skippedFrom = Number.POSITIVE_INFINITY;
  /** Namespace of the root; some files leave it out altogether and mean SVG. */
  let namespace = svgNamespace;

  const addText = (content: string): void => {
    if (depth < skippedFrom) open.at(-1)?.children.push(content);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', ({ local, uri, attributes }) => {
    depth += 1;
    elements += 1;
    if (elements > maxElements) throw svgRefused(`it has over ${maxElements.toLocaleString('en')} elements`);
    if (depth > maxDepth) throw svgRefused(`its elements are nested over ${maxDepth} deep`);
    if (depth >= skippedFrom) return;
    if (depth === 1) namespace = uri === '' ? '' : svgNamespace;
    if (uri !== namespace || !isDrawn(local)) {
      skippedFrom = depth;
      return;
    }
    const element = { name: local, attributes: plainAttributes(Object.values(attributes)), children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
    root ??= element;
  });
  parser.on('closetag', () => {
    if (depth < skippedFrom) open.pop();
    else if (depth === skippedFrom) skippedFrom = Number.POSITIVE_INFINITY;
    depth -= 1;
  });
  parser.write(text).close();
  if (root === null) throw svgRefused('its root element is not an SVG element');
  return root;
}

interface ReadAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

/** Attributes that have a say in the drawing. Of two addresses the one without prefix counts. */
function plainAttributes(attributes: readonly ReadAttribute[]): Map<string, string> {
  const plain = new Map<string, string>();
  for (const { prefix, local, uri, value } of attributes) {
    if (prefix === '' && local !== 'xmlns') plain.set(local, value);
    else if (prefix === 'xml' && local !== 'base') plain.set(`xml:${local}`, value);
    else if (uri === xlinkNamespace && local === 'href' && !plain.has('href')) plain.set('href', value);
  }
  return plain;
}

function newParser(text: string): SaxesParser<{ xmlns: true }> {
  const parser = new SaxesParser({
    xmlns: true,
    // An undeclared prefix is a slip of the program that wrote the file. Only that of links matters to the drawing.
    resolvePrefix: (prefix: string) =>
      prefix === 'xlink' ? xlinkNamespace : prefix === '' ? undefined : `unknown:${prefix}`,
  });
  parser.on('doctype', (doctype) => {
    const entities = plainEntities(doctype);
    const longest = [...entities.values()].reduce((most, { length }) => Math.max(most, length), 0);
    const references = text.split('&').length - 1;
    if (longest * references > maxExpansion) throw svgRefused('the entities of its document type expand to too much');
    Object.assign(parser.ENTITIES, Object.fromEntries(entities));
  });
  parser.on('error', ({ message }) => {
    throw message.includes('undefined entity')
      ? svgRefused('its document type defines an entity that is more than a short text')
      : svgRefused(`it is damaged (${message.replace(/\.$/, '')})`);
  });
  return parser;
}
