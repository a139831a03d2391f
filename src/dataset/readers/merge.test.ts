import { describe, expect, it } from 'vitest';
import { picturesAt, readFiles } from '../testing/reading';

const pictures = picturesAt('0.jpg', '1.jpg', '2.jpg', '3.jpg');
const sidecars = { '0.txt': 'zero', '1.txt': 'one', '2.txt': 'two', '3.txt': 'three' };

describe('several sources of captions', () => {
  it('for different pictures add up', async () => {
    const { captions, rejected, notes, format } = await readFiles({
      ...pictures,
      'captions.csv': 'file_name,text\n0.jpg,zero\n1.jpg,one\n',
      '2.txt': 'two',
      '3.json': '{"caption":"three"}',
    });
    expect(Object.values(captions)).toEqual([['zero'], ['one'], ['two'], ['three']]);
    expect([rejected, notes]).toEqual([{}, []]);
    expect(format).toMatch(/^Table.* and Pictures with caption files/);
  });

  it('for the same pictures are decided by how many each describes, and the user hears of it', async () => {
    const { captions, notes } = await readFiles({
      ...pictures,
      ...sidecars,
      'results.csv': 'file_name,text\n0.jpg,good\n',
    });
    expect(Object.values(captions)).toEqual([['zero'], ['one'], ['two'], ['three']]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^One picture had captions from the caption files and from results\.csv: those of the caption files were taken/,
      ),
    ]);
    const table = await readFiles({
      ...pictures,
      '0.txt': 'a note',
      'all.csv': 'file_name,text\n0.jpg,a\n1.jpg,b\n2.jpg,c\n3.jpg,d\n',
    });
    expect(Object.values(table.captions)).toEqual([['a'], ['b'], ['c'], ['d']]);
    expect(table.notes[0]).toMatch(/those of all\.csv were taken/);
  });

  it('that say the same do not contradict each other', async () => {
    const { notes } = await readFiles({ ...pictures, ...sidecars, 'a.csv': 'file_name,text\n0.jpg,zero\n' });
    expect(notes).toEqual([]);
  });

  it('are one where they are tables with the same columns', async () => {
    const { captions } = await readFiles({
      ...pictures,
      'part1.csv': 'file_name,text\n0.jpg,a\n1.jpg,b\n2.jpg,c\n',
      'part2.csv': 'file_name,text\n0.jpg,another\n3.jpg,d\n',
    });
    expect(Object.values(captions)).toEqual([['a', 'another'], ['b'], ['c'], ['d']]);
  });
});

describe('captions for stored pictures', () => {
  const stored = [
    { id: 'd/0', path: 'first/0.jpg' },
    { id: 'd/1', path: 'first/1.jpg' },
    { id: 'd/2', path: 'first/2.jpg' },
  ];

  it('are taken from tables and caption files, without the pictures', async () => {
    const { late, rejected } = await readFiles(
      {
        'captions.csv': 'file_name,text\n0.jpg,late zero\n9.jpg,nobody\n',
        '1.txt': 'late one',
        'first/2.caption': 'late two',
      },
      stored,
    );
    expect(late).toEqual({ 'd/0': ['late zero'], 'd/1': ['late one'], 'd/2': ['late two'] });
    expect(Object.keys(rejected)).toEqual(['9.jpg']);
  });

  it('go to a picture of this import where it has the name', async () => {
    const { late, captions } = await readFiles(
      { ...picturesAt('new/0.jpg'), 'c.csv': 'file_name,text\n0.jpg,zero\n' },
      stored,
    );
    expect([captions, late]).toEqual([{ 'new/0.jpg': ['zero'] }, {}]);
  });
});
