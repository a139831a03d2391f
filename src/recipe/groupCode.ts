/**
 * Layer lists in links. Ids that differ in the number at their end alone become one entry with a bit mask in base 16 (bit N: number N), as a list of
 * 200 names would make a link of many thousand characters. Form: `~vision.blocks*c00~vision.projection~logit_scale`.
 *
 * Links of before there were other models than CLIP had a form for its layers alone: `v<parts>.<blocks>_t<parts>.<blocks>_s`, towers and scale only
 * where present; parts (embeddings 1, final norm 2, projection 4) and blocks in base 16.
 */
const numbered = /^(.+)\.(\d{1,2})$/;
const entry = /^([\w.-]+?)(?:\*([0-9a-f]{1,25}))?$/;

/** Writes a list of valid group ids, alike in any order. */
export function encodeGroups(ids: readonly string[]): string {
  const masks = new Map<string, bigint>();
  for (const id of ids) {
    const [, stem = id, number] = numbered.exec(id) ?? [];
    masks.set(stem, (masks.get(stem) ?? 0n) | (number === undefined ? 0n : 1n << BigInt(number)));
  }
  const whole = new Set(ids);
  return [...masks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([stem, mask]) => [
      ...(whole.has(stem) ? [stem] : []),
      ...(mask === 0n ? [] : [`${stem}*${mask.toString(16)}`]),
    ])
    .map((piece) => `~${piece}`)
    .join('');
}

/** Reads what `encodeGroups` wrote, today or earlier; null for anything else. */
export function decodeGroups(code: unknown): readonly string[] | null {
  if (typeof code !== 'string') return null;
  if (!code.startsWith('~')) return decodeClipGroups(code);
  const ids: string[] = [];
  for (const piece of code.slice(1).split('~')) {
    const [, stem, mask] = entry.exec(piece) ?? [];
    if (stem === undefined) return null;
    if (mask === undefined) ids.push(stem);
    else ids.push(...bits(mask).map((number) => `${stem}.${number}`));
  }
  return ids;
}

const parts = ['embeddings', 'final_norm', 'projection'] as const;

function decodeClipGroups(code: string): readonly string[] | null {
  if (!/^(v[0-7]\.[0-9a-f]{1,25})?_?(t[0-7]\.[0-9a-f]{1,25})?_?s?$/.test(code)) return null;
  const ids: string[] = [];
  for (const piece of code.split('_').filter((text) => text !== '' && text !== 's')) {
    const tower = piece.startsWith('v') ? 'vision' : 'text';
    const [partText = '', blockText = ''] = piece.slice(1).split('.');
    ids.push(...bits(partText).flatMap((bit) => (parts[bit] === undefined ? [] : [`${tower}.${parts[bit]}`])));
    ids.push(...bits(blockText).map((block) => `${tower}.blocks.${block}`));
  }
  if (code.endsWith('s')) ids.push('logit_scale');
  return ids;
}

/** Places of the bits that are set. */
function bits(mask: string): readonly number[] {
  const value = BigInt(`0x${mask}`);
  return Array.from({ length: 4 * mask.length }, (_, place) => place).filter(
    (place) => ((value >> BigInt(place)) & 1n) === 1n,
  );
}
