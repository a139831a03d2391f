import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { DatasetError } from './errors';
import { readDataset } from './listing';
import { openParquet } from './parquet';
import { openSources } from './sources';
import { makePng } from './testing/pictures';
import { zipLimits } from './zip';

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function parquetOf(
  columns: Readonly<Record<string, unknown[]>>,
  types: Readonly<Record<string, 'BYTE_ARRAY' | 'STRING'>>,
): Blob {
  const columnData = Object.entries(columns).map(([name, data]) => ({
    name,
    data,
    type: types[name] ?? ('STRING' as const),
  }));
  return new Blob([parquetWriteBuffer({ columnData, rowGroupSize: 2 })]);
}

const pictures = parquetOf(
  {
    image: [0, 1, 2].map((i) => makePng(i)),
    text: ['zero', 'one', 'zwei – ü'],
    embedding: [1, 2, 3].map((i) => Uint8Array.of(i)),
  },
  { image: 'BYTE_ARRAY', text: 'STRING', embedding: 'BYTE_ARRAY' },
);

describe('Parquet', () => {
  it('calls classes by the names that Hugging Face Datasets writes into the file', async () => {
    const features = {
      image: { _type: 'Image' },
      label: { _type: 'ClassLabel', names: ['cat', 'dog'] },
      count: { _type: 'Value', dtype: 'int64' },
    };
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'image', data: [0, 1, 2].map((i) => makePng(i)), type: 'BYTE_ARRAY' },
        { name: 'label', data: [1, 0, -1], type: 'INT32' },
        { name: 'count', data: [1, 0, 7], type: 'INT32' },
      ],
      kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
    });
    const { files } = await openParquet('pets.parquet', new Blob([file]), zipLimits);
    const { pictures, columns } = await readDataset(files);
    expect(pictures.map(({ captions, fields }) => [captions, fields])).toEqual([
      [['a photo of a dog'], { label: 'dog', count: 1 }],
      [['a photo of a cat'], { label: 'cat', count: 0 }],
      [[], { count: 7 }],
    ]);
    expect(columns).toEqual([
      { name: 'label', role: 'label' },
      { name: 'count', role: 'number' },
    ]);
  });

  it('gives its pictures as files and the rest as a table beside them', async () => {
    const { files } = await openParquet('data/train-00000-of-00001.parquet', pictures, zipLimits);
    const folder = 'data/train-00000-of-00001';
    expect(files.map(({ path }) => path)).toEqual([
      `${folder}/000000`,
      `${folder}/000001`,
      `${folder}/000002`,
      `${folder}/metadata.jsonl`,
    ]);
    expect(await files[2]!.read()).toEqual(makePng(2));
    expect(
      textOf(await files[3]!.read())
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { file_name: '000000', text: 'zero' },
      { file_name: '000001', text: 'one' },
      { file_name: '000002', text: 'zwei – ü' },
    ]);
  });

  it('without pictures is a table', async () => {
    const { files } = await openParquet('m.parquet', parquetOf({ file_name: ['a.jpg'], text: ['a'] }, {}), zipLimits);
    expect(files.map(({ path }) => path)).toEqual(['m.parquet.jsonl']);
    expect(textOf(await files[0]!.read())).toBe('{"file_name":"a.jpg","text":"a"}');
  });

  it('over the limits or damaged is named with the reason', async () => {
    await expect(openParquet('p.parquet', pictures, { ...zipLimits, entries: 2 })).rejects.toThrow(/has over 2 rows/);
    await expect(openParquet('p.parquet', pictures, { ...zipLimits, totalBytes: 100 })).rejects.toThrow(
      /of over 100 bytes/,
    );
    const { rejected } = await openSources([{ path: 'p.parquet', file: pictures.slice(0, 100) }]);
    expect(rejected).toEqual([{ path: 'p.parquet', reason: expect.stringMatching(/damaged, cut short/) as string }]);
  });

  it('ends soon whichever of its bytes is damaged, with its name where it cannot be read', async () => {
    const file = parquetWriteBuffer({
      codec: 'UNCOMPRESSED',
      columnData: [
        { name: 'file_name', data: ['a.jpg', 'b.jpg', 'c.jpg'], type: 'STRING', encoding: 'DELTA_BYTE_ARRAY' },
        { name: 'text', data: ['a', null, 'a'], type: 'STRING', encoding: 'RLE_DICTIONARY' },
        { name: 'count', data: [1, 2, 9], type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
        { name: 'seen', data: [true, true, false], type: 'BOOLEAN', encoding: 'RLE' },
      ],
    });
    let [refused, slowest] = [0, 0];
    for (let at = 0; at < file.byteLength; at++) {
      for (const damage of [[0xff], [0xff, 0xff, 0xff, 0x7f]]) {
        const bytes = new Uint8Array(file.slice(0));
        bytes.set(damage.slice(0, bytes.length - at), at);
        const began = performance.now();
        const error: unknown = await openParquet('set.parquet', new Blob([bytes]), zipLimits).catch((e: unknown) => e);
        slowest = Math.max(slowest, performance.now() - began);
        if (!(error instanceof Error)) continue;
        refused++;
        expect(error).toBeInstanceOf(DatasetError);
        expect(error.message).toContain('set.parquet');
      }
    }
    expect(refused).toBeGreaterThan(file.byteLength / 2);
    expect(slowest).toBeLessThan(2000);
  });

  it('of which a column has fewer values than it says is refused, and does not lose them in silence', async () => {
    const file = new Uint8Array(
      parquetWriteBuffer({
        codec: 'UNCOMPRESSED',
        columnData: [{ name: 'text', data: ['a', 'b', 'c'], type: 'STRING', encoding: 'PLAIN', nullable: false }],
      }),
    );
    // The page says that it holds three values, as a zigzag number in the field of its header that counts them.
    const counted = file.indexOf(6, 4);
    const damaged = file.slice();
    damaged[counted] = 4;
    await expect(openParquet('set.parquet', new Blob([damaged]), zipLimits)).rejects.toThrow(/is no Parquet file/);
  });
});
