import { Uint8ArrayReader, ZipReader, type FileEntry } from '@zip.js/zip.js';
import { describe, expect, it } from 'vitest';
import { openZip, zipLimits, type ZipLimits } from './zip';
import { entryPieces, readEntry } from './zip-entry';
import { makeZip, patchBlob } from './testing/zips';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

async function reasons(zip: Blob, limits?: ZipLimits): Promise<Record<string, string>> {
  const { rejected } = await openZip('data.zip', zip, limits);
  return Object.fromEntries(rejected.map(({ path, reason }) => [path, reason]));
}

describe('openZip', () => {
  it('gives stored and deflated entries under the name of the zip', async () => {
    const zip = await makeZip({ 'a/one.txt': 'one '.repeat(500), 'zwei – ü.txt': 'two', 'folder/': '' });
    const stored = await makeZip({ 'a/one.txt': 'one '.repeat(500) }, { level: 0 });
    const { files } = await openZip('set/data.zip', zip);
    expect(files.map(({ path }) => path)).toEqual(['set/data/a/one.txt', 'set/data/zwei – ü.txt']);
    expect(files[0]?.size).toBe(2000);
    expect(text(await files[0]!.read())).toBe('one '.repeat(500));
    expect(text(await (await openZip('d.zip', stored)).files[0]!.read())).toBe('one '.repeat(500));
  });

  it('reads a large stored entry in pieces, of which none holds it all', async () => {
    const data = Uint8Array.from({ length: 20e6 }, (_, i) => (i >>> 8) ^ i);
    const zip = new Uint8Array(await (await makeZip({ 'a.bin': data }, { level: 0 })).arrayBuffer());
    const [entry] = await new ZipReader(new Uint8ArrayReader(zip)).getEntries();
    const asked: number[] = [];
    const read = (start: number, length: number) => {
      asked.push(length);
      return Promise.resolve(zip.slice(start, start + length));
    };
    let at = 0;
    for await (const piece of entryPieces(entry as FileEntry, read, 'a.bin')) {
      expect(Buffer.compare(piece, data.subarray(at, at + piece.length))).toBe(0);
      at += piece.length;
    }
    expect(at).toBe(data.length);
    expect(Math.max(...asked)).toBeLessThan(9e6);
    const cut = (start: number, length: number) => Promise.resolve(zip.slice(0, 15e6).slice(start, start + length));
    await expect(readEntry(entry as FileEntry, cut, 'a.bin')).rejects.toThrow(
      /a\.bin is damaged: the zip ends within it/,
    );
  });

  it('refuses each path that climbs out, and keeps the rest', async () => {
    const bad = ['../up.txt', 'a/../../up.txt', 'a\\..\\..\\up.txt', 'C:/../up.txt'];
    const zip = await makeZip(Object.fromEntries([...bad, 'good.txt', 'a/..b/fine.txt'].map((name) => [name, name])));
    const { files, rejected } = await openZip('data.zip', zip);
    expect(files.map(({ path }) => path)).toEqual(['data/good.txt', 'data/a/..b/fine.txt']);
    expect(rejected.map(({ path }) => path)).toEqual(bad.map((name) => `data.zip › ${name}`));
    expect(rejected.every(({ reason }) => reason.includes('leads out of the zip'))).toBe(true);
  });

  it('reads absolute paths and drive letters as places below the zip', async () => {
    const zip = await makeZip({
      '/etc/a.txt': 'a',
      '\\\\server\\b.txt': 'b',
      'C:/set/c.txt': 'c',
      'D:\\set\\d.txt': 'd',
    });
    const { files, rejected } = await openZip('data.zip', zip);
    expect(files.map(({ path }) => path)).toEqual([
      'data/etc/a.txt',
      'data/server/b.txt',
      'data/set/c.txt',
      'data/set/d.txt',
    ]);
    expect(rejected).toEqual([]);
  });

  it('refuses an entry that packs too well to be a picture, before inflating it', async () => {
    const zip = await makeZip({ 'bomb.png': new Uint8Array(5_000_000), 'fine.txt': 'x' });
    expect((await reasons(zip))['data.zip › bomb.png']).toMatch(/5.0 MB from .* a zip bomb/);
  });

  it('refuses one entry over the size limit, and a zip over the limits on all', async () => {
    const zip = await makeZip({ 'a.bin': 'x'.repeat(600), 'b.bin': 'y'.repeat(600) });
    expect((await reasons(zip, { ...zipLimits, entryBytes: 500 }))['data.zip › a.bin']).toMatch(
      /600 bytes, over the limit of 500/,
    );
    await expect(openZip('data.zip', zip, { ...zipLimits, totalBytes: 1000 })).rejects.toThrow(
      /data\.zip would unpack to 1.2 KB/,
    );
    await expect(openZip('data.zip', zip, { ...zipLimits, entries: 1 })).rejects.toThrow(/more than 1 files/);
  });

  it('stops at the declared size when an entry holds more', async () => {
    const content = 'abcdefgh'.repeat(1000);
    const zip = await patchBlob(await makeZip({ 'liar.txt': content }), uint32(content.length), uint32(100));
    const { files } = await openZip('data.zip', zip);
    expect(files[0]?.size).toBe(100);
    await expect(files[0]!.read()).rejects.toThrow(/data\.zip › liar\.txt unpacks to more than it declares/);
  });

  it('refuses a zip whose entries overlap', async () => {
    const content = 'not compressible 123'.repeat(3);
    const zip = await makeZip({ 'a.txt': content }, { level: 0 });
    const liar = await patchBlob(zip, uint32(content.length), uint32(1_000_000));
    await expect(openZip('data.zip', liar)).rejects.toThrow(/overlap/);
  });

  it('finds damage by checksum', async () => {
    const zip = await makeZip({ 'a.txt': 'the quick brown fox' }, { level: 0 });
    const damaged = await patchBlob(zip, new TextEncoder().encode('quick'), new TextEncoder().encode('quack'));
    const { files } = await openZip('data.zip', damaged);
    await expect(files[0]!.read()).rejects.toThrow(/checksum does not match/);
  });

  it('says so when a zip is cut short, encrypted, or none', async () => {
    const zip = await makeZip({ 'a.txt': 'content '.repeat(100), 'b.txt': 'more' });
    await expect(openZip('data.zip', zip.slice(0, zip.size - 10))).rejects.toThrow(/data\.zip .*cut short/);
    await expect(openZip('data.zip', zip.slice(0, 40))).rejects.toThrow(/data\.zip .*cut short/);
    await expect(openZip('data.zip', new Blob(['hello, I am no zip at all']))).rejects.toThrow(/data\.zip .*no zip/);
    await expect(openZip('data.zip', new Blob(['too short']))).rejects.toThrow(/^data\.zip is no zip[^()]*$/);
    const locked = await makeZip({ 'a.txt': 'secret' }, { password: 'x', zipCrypto: true });
    expect((await reasons(locked))['data.zip › a.txt']).toMatch(/encrypted.*password/);
  });
});
