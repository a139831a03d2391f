import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../source';
import { readDelimited } from './delimited';
import { readJsonLines } from './json-lines';
import type { Row, Table } from './rows';
import { keptBytes } from '../text';

/** A text whose bytes come in pieces of `size`; as of a file that claims to be large, whose rows are read anew each time. */
function pieced(path: string, text: string, size: number, isLarge = true): SourceFile {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    size: isLarge ? keptBytes + 1 : bytes.length,
    read: () => Promise.resolve(bytes),
    // eslint-disable-next-line @typescript-eslint/require-await -- the pieces are there
    async *pieces() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
    },
  };
}

async function rowsOf(table: Table): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const some of table.rows()) rows.push(...some);
  return rows;
}

const never = (): boolean => false;

describe('a CSV that comes in pieces', () => {
  const csv =
    '\uFEFFfile_name,text\r\n"ä.png","a ""red"" shoe,\r\nnew"\r\n\r\nb.png, plain \r\n"c.png" ,"" \r\n"d.png","last"';
  const expected = [
    ['ä.png', 'a "red" shoe,\r\nnew'],
    ['b.png', ' plain '],
    ['c.png', ''],
    ['d.png', 'last'],
  ];

  it.each([1, 2, 3, 5, 7, 16, 1000])('of %i bytes is read as it would be as a whole', async (size) => {
    for (const isLarge of [false, true]) {
      const table = await readDelimited(pieced('a.csv', csv, size, isLarge), never);
      const rows = await rowsOf(table);
      expect(rows.map(({ values }) => [values['file_name'], values['text']])).toEqual(expected);
      expect(rows.map(({ number }) => number)).toEqual([2, 3, 4, 5]);
      expect([table.first, await rowsOf(table)]).toEqual([rows, rows]);
    }
  });

  it('keeps line breaks, delimiters and a missing header apart by the first of them', async () => {
    for (const newline of ['\n', '\r', '\r\n']) {
      const text = ['0.png;a', '"1.png";"b;c"', ''].join(newline);
      const table = await readDelimited(pieced('a.csv', text, 4), () => true);
      expect([table.columns, table.header]).toEqual([['column 1', 'column 2'], 'none']);
      expect((await rowsOf(table)).map(({ values }) => values)).toEqual([
        { 'column 1': '0.png', 'column 2': 'a' },
        { 'column 1': '1.png', 'column 2': 'b;c' },
      ]);
    }
  });

  it('with a quotation mark that is never closed is refused in time that grows with its length', async () => {
    const long = `file_name,text\n"never closed\n${'x.png,y\n'.repeat(200_000)}`;
    await expect(readDelimited(pieced('a.csv', long, 4096), never)).rejects.toThrow(
      /quotation mark without its partner near row 2/,
    );
  });

  it('names the line that is no UTF-8, wherever it lies', async () => {
    const bad = pieced('a.csv', `file_name,text\n${'0.png,é\n'.repeat(100)}`, 3);
    const bytes = await bad.read();
    bytes[bytes.length - 2] = 0xff;
    await expect(readDelimited(bad, never)).rejects.toThrow(/a\.csv is not UTF-8 text \(line 101/);
  });
});

describe('JSON Lines that come in pieces', () => {
  const line = (i: number): string =>
    JSON.stringify({ file_name: `${i}.png`, text: `ü ${i}`, ...(i > 90 && { late: i }) });
  const text = Array.from({ length: 100 }, (_, i) => line(i)).join('\r\n\n');

  it.each([1, 7, 64, 100_000])('of %i bytes are read as they would be as a whole', async (size) => {
    for (const isLarge of [false, true]) {
      const table = await readJsonLines(pieced('a.jsonl', text, size, isLarge));
      expect(table.columns).toEqual(['file_name', 'text', 'late']);
      expect(table.first).toHaveLength(50);
      const rows = await rowsOf(table);
      expect(rows).toHaveLength(100);
      expect(rows.at(-1)).toEqual({ number: 199, values: { file_name: '99.png', text: 'ü 99', late: 99 } });
    }
  });

  it('say which line is no JSON', async () => {
    await expect(readJsonLines(pieced('a.jsonl', `${text}\n{"cut`, 10))).rejects.toThrow(
      /a\.jsonl, line 200, is not JSON/,
    );
  });

  it('may be spread over lines', async () => {
    const table = await readJsonLines(pieced('a.jsonl', '{"a":\n1}\n[{"a":2}]', 2));
    expect((await rowsOf(table)).map(({ values }) => values)).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
