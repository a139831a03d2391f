import { describe, expect, it } from 'vitest';
import { entryNames, type NamedEntry } from './zip-names';

/** Entries without UTF-8 flag, from the bytes of their names in hexadecimal. */
const unflagged = (names: readonly string[]): NamedEntry[] =>
  names.map((hex) => {
    const rawFilename = Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));
    return { rawFilename, filename: cp437(rawFilename), filenameUTF8: false };
  });

const upper =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ';
const cp437 = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : (upper[byte - 0x80] ?? ''))).join('');

describe('names of zip entries without flag', () => {
  const written: readonly [encoding: string, names: Readonly<Record<string, string>>][] = [
    ['Shift-JIS kanji', { '94 4c': '猫', '8c a2': '犬' }],
    ['Shift-JIS kana', { '83 6c 83 52': 'ネコ', '82 a2 82 ca': 'いぬ' }],
    ['Shift-JIS with a backslash as second byte', { '95 5c': '表', '94 5c': '能' }],
    ['GBK', { 'b9 b7': '狗', 'c3 a8': '猫' }],
    ['Big5', { 'bf df': '貓', 'aa af': '狗' }],
    ['EUC-KR', { 'b0 ed be e7 c0 cc': '고양이', 'b0 b3': '개' }],
    ['code page 866', { 'aa ae e8 aa a0': 'кошка', 'e1 ae a1 a0 aa a0': 'собака' }],
    ['Windows-1251', { 'ea ee f8 ea e0': 'кошка', 'd1 ee e1 e0 ea e0': 'Собака' }],
    ['Windows-1252', { '4b e4 66 65 72': 'Käfer', '47 72 f6 df 65': 'Größe' }],
    ['code page 437', { '4b 84 66 65 72': 'Käfer', '47 72 94 e1 65': 'Größe', '43 72 8a 6d 65': 'Crème' }],
    ['UTF-8', { '4b c3 a4 66 65 72': 'Käfer', 'e7 8c ab': '猫' }],
  ];
  it.each(written)('are read as %s', (_, names) => {
    expect(entryNames(unflagged(Object.keys(names)))).toEqual(Object.values(names));
  });

  it('keep what a flag or a Unicode path field says, and plain ASCII', () => {
    const [sjis] = unflagged(['94 4c']);
    const flagged = { ...sjis!, filename: '猫', filenameUTF8: true };
    const field = { ...sjis!, filename: 'cat', extraFieldUnicodePath: { valid: true } };
    expect(entryNames([flagged, field, ...unflagged(['61 2f 62', '94 4c'])])).toEqual(['猫', 'cat', 'a/b', '猫']);
  });
});
