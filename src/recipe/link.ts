import { changedKeys, applyPreset, nearestPreset, presets, type PresetId } from './presets';
import { decodeGroups, encodeGroups } from './groupCode';
import { defaultRecipe, fieldOf } from './fields';
import { recipeVersion, restoreRecipe } from './migrate';
import type { Recipe } from './schema';

/**
 * Share links: `#/r/5.<payload>`, where 5 is the version of the recipe. The payload is canonical JSON `[preset, {field: value, …}]` with only what
 * differs from the preset, the fields of task and method among the others, deflated (RFC 1951) and in base64url. It lies in the hash, so no server sees it. It names no data set, caption or file;
 * a model from the sender's own disk is only said to be one.
 */
/** Chat programs cut longer links. Every recipe stays below it, so a longer link is refused unread. */
export const maxLinkCharacters = 2000;
/** No recipe's JSON is half as long; what inflates to more is refused while it inflates. */
const maxInflatedBytes = 8192;

/** Stands for a model that only the sender has; no model can be called so. */
const localModel = null;

/** A link that cannot be read at all; the message is for the user. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

export interface OpenedLink {
  readonly preset: PresetId;
  readonly recipe: Recipe;
  /** What of the link was not taken, in sentences. */
  readonly problems: readonly string[];
}

/** The address fragment, `#/r/5.…`, of a recipe. */
export async function encodeLink(recipe: Recipe): Promise<string> {
  const { preset } = nearestPreset(recipe);
  const changes: Record<string, unknown> = {};
  for (const key of changedKeys(applyPreset(preset.id), recipe)) {
    if (fieldOf(recipe, key) === undefined) continue;
    if (key === 'trainableGroups') changes[key] = encodeGroups(fieldOf(recipe, key) ?? []);
    else if (key === 'model') changes[key] = recipe.model.startsWith('local/') ? localModel : recipe.model;
    else changes[key] = fieldOf(recipe, key);
  }
  const json = new TextEncoder().encode(JSON.stringify([preset.id, changes]));
  return `#/r/${recipeVersion}.${toBase64Url(await deflate(json))}`;
}

/**
 * Reads what stands behind `#/r/`. Fields that are unknown or out of range are reported and take the preset's value.
 *
 * @param current the recipe in use: its model stays where the link cannot name one
 * @throws LinkError when there is no recipe in it
 */
export async function decodeLink(code: string, current: Recipe = defaultRecipe): Promise<OpenedLink> {
  if (code.length > maxLinkCharacters) throw new LinkError('The link is longer than any recipe’s. It is not opened.');
  const [found, payload] = splitOnce(code, '.');
  const version = /^[1-9]\d{0,3}$/.test(found) ? Number(found) : null;
  if (version === null || version > recipeVersion) {
    throw new LinkError(
      /^\d{1,4}$/.test(found)
        ? `The link has format ${found}, this studio reads formats up to ${recipeVersion}. Reload the page to get the newest studio.`
        : 'This is not a recipe link, or a part of it is missing. Ask for it again.',
    );
  }
  const value = await readPayload(payload);
  if (!Array.isArray(value) || value.length !== 2 || typeof value[1] !== 'object' || value[1] === null) {
    throw new LinkError('The link holds no recipe.');
  }
  const preset = presets.find(({ id }) => id === value[0]);
  const problems =
    preset === undefined ? ['The preset that the link starts from is unknown; “Everything” is used.'] : [];
  const presetId = preset?.id ?? 'full';
  const changes = { ...(value[1] as Record<string, unknown>) };
  if (changes['model'] === localModel) {
    problems.push('The sender used a model from their own disk. Your model stays as it is.');
    changes['model'] = current.model;
  }
  if (Object.hasOwn(changes, 'trainableGroups')) {
    changes['trainableGroups'] = decodeGroups(changes['trainableGroups']) ?? changes['trainableGroups'];
  }
  const restored = restoreRecipe({ ...changes, version }, applyPreset(presetId));
  return { preset: presetId, recipe: restored.recipe, problems: [...problems, ...restored.problems] };
}

async function readPayload(payload: string): Promise<unknown> {
  if (!/^[\w-]+$/.test(payload)) {
    throw new LinkError('The link is damaged: it holds characters that do not belong there. Copy it again.');
  }
  let json: Uint8Array;
  try {
    json = await inflate(fromBase64Url(payload));
  } catch (cause) {
    if (cause instanceof LinkError) throw cause;
    throw new LinkError('The link is damaged, perhaps cut short. Copy the whole of it again.', { cause });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as unknown;
  } catch (cause) {
    throw new LinkError('The link holds no recipe.', { cause });
  }
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? ['', text] : [text.slice(0, at), text.slice(at + 1)];
}

async function deflate(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Inflates piece by piece and gives up as soon as the cap is passed, so that a bomb never unfolds. */
async function inflate(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.byteLength;
    if (length > maxInflatedBytes) {
      await reader.cancel();
      throw new LinkError('The link unfolds into far more than a recipe. It is not opened.');
    }
    pieces.push(read.value);
  }
  const all = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.byteLength;
  }
  return all;
}

function toBase64Url(data: Uint8Array): string {
  const binary = Array.from(data, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/(?<!=)=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
