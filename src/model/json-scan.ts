/** What `JSON.parse` would take, or take for ever over, without a word. */
export type JsonTextProblem =
  { readonly kind: 'duplicate'; readonly key: string } | { readonly kind: 'keys' | 'array' | 'depth' };

export interface JsonTextLimits {
  /** Keys of all objects together. */
  readonly mostKeys: number;
  /** Elements of an array. */
  readonly longestArray: number;
  readonly deepest: number;
}

interface Level {
  /** The keys so far; null in an array. */
  readonly keys: Set<string> | null;
  /** In an object: the next string is a key. */
  expectsKey: boolean;
  commas: number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * Looks through JSON text for keys that come twice in one object, of which `JSON.parse` keeps the last, and for sizes over the limits, before
 * anything is built from it. One pass that stops at the first problem; whether the text is JSON at all is left to `JSON.parse`.
 *
 * @returns null where it finds nothing
 */
export function checkJsonText(text: string, limits: JsonTextLimits): JsonTextProblem | null {
  const levels: Level[] = [];
  let keyCount = 0;
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    switch (text.charAt(at)) {
      case '{':
      case '[': {
        if (levels.length === limits.deepest) return { kind: 'depth' };
        const isObject = text.charAt(at) === '{';
        levels.push({ keys: isObject ? new Set() : null, expectsKey: isObject, commas: 0 });
        break;
      }
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level === undefined) break;
        level.expectsKey = level.keys !== null;
        if (level.keys === null && ++level.commas >= limits.longestArray) return { kind: 'array' };
        break;
      case '"': {
        const end = endOfString(text, at);
        if (level?.keys !== null && level?.expectsKey === true) {
          const key = keyOf(text.slice(at, end + 1));
          if (level.keys.has(key)) return { kind: 'duplicate', key };
          if (++keyCount > limits.mostKeys) return { kind: 'keys' };
          level.keys.add(key);
          level.expectsKey = false;
        }
        at = end;
        break;
      }
    }
  }
  return null;
}

/** The place of the quote that ends the string which begins at `start`, or the last place of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at++;
  }
  return text.length - 1;
}

/** A key without its quotes and escapes: `"\u0061"` and `"a"` are the same. */
function keyOf(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}
