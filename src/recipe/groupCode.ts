import { parseBlock } from './trainable';

/**
 * Layer lists in links. A list of 200 names would make a link of many thousand characters; two bit masks a tower make at most 64. Form:
 * `v<parts>.<blocks>_t<parts>.<blocks>_s`, towers and scale only where present; parts (embeddings 1, final norm 2, projection 4) and blocks (bit N:
 * block N) in base 16.
 */
const parts = ['embeddings', 'final_norm', 'projection'] as const;

const towers = [
  ['v', 'vision'],
  ['t', 'text'],
] as const;

/** Writes a list of valid group ids. */
export function encodeGroups(ids: readonly string[]): string {
  const pieces = towers.flatMap(([letter, tower]) => {
    const partMask = parts.reduce((mask, part, bit) => mask | (ids.includes(`${tower}.${part}`) ? 1 << bit : 0), 0);
    const blockMask = ids.reduce((mask, id) => {
      const block = parseBlock(id);
      return block?.tower === tower ? mask | (1n << BigInt(block.index)) : mask;
    }, 0n);
    return partMask === 0 && blockMask === 0n ? [] : [`${letter}${partMask}.${blockMask.toString(16)}`];
  });
  if (ids.includes('logit_scale')) pieces.push('s');
  return pieces.join('_');
}

/** Reads what `encodeGroups` wrote; null for anything else. */
export function decodeGroups(code: unknown): readonly string[] | null {
  if (typeof code !== 'string' || !/^(v[0-7]\.[0-9a-f]{1,25})?_?(t[0-7]\.[0-9a-f]{1,25})?_?s?$/.test(code)) return null;
  const ids: string[] = [];
  for (const piece of code.split('_').filter((text) => text !== '' && text !== 's')) {
    const tower = piece.startsWith('v') ? 'vision' : 'text';
    const [partText = '', blockText = ''] = piece.slice(1).split('.');
    parts.forEach((part, bit) => {
      if ((Number(partText) >> bit) & 1) ids.push(`${tower}.${part}`);
    });
    const blockMask = BigInt(`0x${blockText}`);
    for (let index = 0; index < 100; index++) {
      if ((blockMask >> BigInt(index)) & 1n) ids.push(`${tower}.blocks.${index}`);
    }
  }
  if (code.endsWith('s')) ids.push('logit_scale');
  return ids;
}
