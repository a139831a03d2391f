import { describe, expect, it } from 'vitest';
import { contentOf } from './sniff';
import { startOf } from './source';
import { openSources } from './sources';
import { givenFile, makePng } from './testing/pictures';
import { picturesAt, readFiles, sourceFile } from './testing/reading';
import { makeZip } from './testing/zips';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe('contentOf', () => {
  it.each([
    ['zip', 'PK\x03\x04…'],
    ['parquet', 'PAR1…'],
    ['tar', `${'a.png'.padEnd(257, '\0')}ustar`],
    ['json', ' {"file_name": 1'],
    ['json', '\uFEFF[ {'],
    ['text', 'file_name,text'],
    ['text', '[a tag], b'],
    ['text', ''],
    ['binary', 'a\0b'],
  ])('tells %s', (content, start) => {
    expect(contentOf(bytes(start))).toBe(content);
  });

  it('tells gzip and UTF-16', () => {
    expect(contentOf(new Uint8Array([0x1f, 0x8b, 8]))).toBe('gzip');
    expect(contentOf(new Uint8Array([0xff, 0xfe, 0x61, 0]))).toBe('text');
  });
});

describe('files that are called what they are not', () => {
  it('are pictures by their content', async () => {
    const png = makePng(1);
    const { captions } = await readFiles({
      'phone.heic': png,
      'scan.tif': png,
      'part.bin': png,
      noext: png,
      'a.heic': bytes('ftyp'),
      'clip.mp4': png,
      'm.csv': 'file_name,text\nphone.heic,a phone\n',
    });
    expect(captions).toEqual({ 'phone.heic': ['a phone'], 'scan.tif': [], 'part.bin': [], noext: [] });
  });

  it('are JSON Lines or a table by their content', async () => {
    const row = JSON.stringify({ file_name: '0.jpg', text: 'zero' });
    const table = 'file_name,text\n0.jpg,zero\n';
    for (const [name, content] of [
      ['a.csv', row],
      ['a.tsv', `[${row}]`],
      ['a.txt', row],
      ['captions', row],
      ['a.dat', table],
      ['a.jsonl', table],
      ['metadata.jsonl', table],
      ['metadata.csv', row],
      ['a.json', table],
    ] as const) {
      const { captions, rejected } = await readFiles({ ...picturesAt('0.jpg'), [name]: content });
      expect([captions, rejected], name).toEqual([{ '0.jpg': ['zero'] }, {}]);
    }
  });

  it('are archives by their content', async () => {
    const zip = await makeZip({ '0.png': makePng(0) });
    for (const path of ['set.tar.gz', 'set.parquet', 'set.bin', 'set']) {
      const { files, rejected } = await openSources([{ path, file: zip }]);
      expect(rejected).toEqual([]);
      expect(files[0]?.path, path).toMatch(/\/0\.png$/);
    }
    const { files } = await openSources([{ path: 'set.docx', file: zip }, givenFile('a.bin', 'no archive')]);
    expect(files.map(({ path }) => path)).toEqual(['set.docx', 'a.bin']);
  });

  it('say what they lack when their content helps no further', async () => {
    const { rejected } = await readFiles({ ...picturesAt('0.jpg'), 'a.json': 'x,y\n1,2\n', 'b.jsonl': 'no table' });
    expect(rejected['a.json']).toMatch(/is not JSON: it is damaged or cut short/);
    expect(rejected['b.jsonl']).toMatch(/line 1, is not JSON/);
  });
});

it('reads no more of a file than its start', async () => {
  expect(await startOf(sourceFile('a', 'abcdef'), 3)).toEqual(bytes('abc'));
  expect(await startOf(sourceFile('a', 'ab'), 3)).toEqual(bytes('ab'));
  expect(await startOf(sourceFile('a', ''), 3)).toEqual(bytes(''));
  const zip = await makeZip({ 'a.txt': bytes('x'.repeat(500_000)) });
  const { files } = await openSources([{ path: 'z.zip', file: zip }]);
  expect(await startOf(files[0]!, 4)).toEqual(bytes('xxxx'));
});
