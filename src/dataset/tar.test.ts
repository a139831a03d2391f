import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { openTar } from './tar';
import { zipLimits } from './zip';

const makeTar = async (entries: Readonly<Record<string, string>>): Promise<Blob> => {
  const tar = await packTar(
    Object.entries(entries).map(([name, body]) => ({ header: { name, size: Buffer.byteLength(body) }, body })),
  );
  return new Blob([tar]);
};

describe('openTar', () => {
  it('gives the files of a shard under its name, plain or packed', async () => {
    const tar = await makeTar({
      'a/0.jpg': 'picture',
      './a/0.txt': 'ein Käfer',
      ['deep/'.repeat(40) + 'x.txt']: 'long name',
    });
    const packed = new Blob([gzipSync(new Uint8Array(await tar.arrayBuffer()))]);
    for (const [path, blob] of [
      ['set/000.tar', tar],
      ['set/000.tar.gz', packed],
      ['set/000.tgz', packed],
    ] as const) {
      const { files, rejected } = await openTar(path, blob, zipLimits);
      expect(files.map((file) => file.path)).toEqual([
        'set/000/a/0.jpg',
        'set/000/a/0.txt',
        `set/000/${'deep/'.repeat(40)}x.txt`,
      ]);
      expect(new TextDecoder().decode(await files[1]!.read())).toBe('ein Käfer');
      expect(files[1]!.size).toBe(10);
      expect(rejected).toEqual([]);
    }
  });

  it('refuses paths that climb out, and files and tars over the limits', async () => {
    const tar = await makeTar({ '../up.txt': 'x', '/abs.txt': 'y', 'large.bin': 'z'.repeat(2000) });
    const { files, rejected } = await openTar('t.tar', tar, { ...zipLimits, entryBytes: 1000 });
    expect(files.map(({ path }) => path)).toEqual(['t/abs.txt']);
    expect(rejected.map(({ path }) => path)).toEqual(['t.tar › ../up.txt', 't.tar › large.bin']);
    await expect(openTar('t.tar', tar, { ...zipLimits, totalBytes: 1500 })).rejects.toThrow(/t\.tar holds more than/);
  });

  it('says so when a tar is damaged, cut short or none', async () => {
    const tar = await makeTar({ 'a.txt': 'x'.repeat(3000) });
    for (const blob of [tar.slice(0, 2000), new Blob(['no tar at all'.repeat(100)]), new Blob(['gone'])]) {
      await expect(openTar('t.tar', blob, zipLimits)).rejects.toThrow(
        /t\.tar is no tar, or it is damaged or cut short/,
      );
    }
    await expect(openTar('t.tar.gz', tar, zipLimits)).rejects.toThrow(/damaged or cut short/);
  });
});
