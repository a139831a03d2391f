import { describe, expect, it } from 'vitest';
import { picturesAt, readFiles } from '../testing/reading';

const lines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

describe('the other columns of a table', () => {
  it('are kept as fields, with what they seem to be', async () => {
    const { captions, fields, columns, captionColumn, rejected } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'metadata.csv': [
        'file_name,text,Dog Breed,patient_id,price,width,note',
        '0.jpg,a pug,pug,7,49.5,640,"two\nlines"',
        '1.jpg,a hound,hound,8,12,480,',
      ].join('\n'),
    });
    expect(captions).toEqual({ '0.jpg': ['a pug'], '1.jpg': ['a hound'] });
    expect(captionColumn).toBe('text');
    expect(columns).toEqual({
      'Dog Breed': 'label',
      patient_id: 'group',
      price: 'number',
      width: 'none',
      note: 'none',
    });
    expect(fields['0.jpg']).toEqual({
      'Dog Breed': 'pug',
      patient_id: '7',
      price: '49.5',
      width: '640',
      note: 'two\nlines',
    });
    expect(fields['1.jpg']).not.toHaveProperty('note');
    expect(rejected).toEqual({});
  });

  it('keep numbers, lists and truth values of JSON, and leave out what is nested or nothing', async () => {
    const row = {
      image: '0.jpg',
      text: 'a',
      count: 3,
      tags: ['x', 2, ' '],
      listed: "['y', 'z']",
      odd: true,
      box: { a: 1 },
      none: null,
    };
    const { fields } = await readFiles({ ...picturesAt('0.jpg'), 'a.jsonl': JSON.stringify(row) });
    expect(fields['0.jpg']).toEqual({ count: 3, tags: ['x', '2'], listed: ['y', 'z'], odd: 'true' });
  });

  it('of several rows for one picture say each thing once, but questions and answers row by row', async () => {
    const row = (text: string, kind: string, question: string, answer: string | null) => ({
      image: '0.jpg',
      text,
      kind,
      question,
      answer,
    });
    const { fields, columns } = await readFiles({
      ...picturesAt('0.jpg'),
      'a.jsonl': lines([
        row('a', 'box', 'red?', 'yes'),
        row('b', 'box', 'blue?', null),
        row('c', 'box', 'big?', 'yes'),
      ]),
    });
    expect(columns).toEqual({ kind: 'label', question: 'question', answer: 'answer' });
    expect(fields['0.jpg']).toEqual({
      kind: 'box',
      question: ['red?', 'blue?', 'big?'],
      answer: [['yes'], [], ['yes']],
    });
  });

  it('are kept without captions too', async () => {
    const { captions, fields, columns, rejected, format } = await readFiles({
      ...picturesAt('cats/0.jpg', 'dogs/1.jpg'),
      'labels.csv': 'filename,label\n0.jpg,1\n1.jpg,0\ngone.jpg,1\n',
    });
    expect([captions, columns]).toEqual([
      { 'cats/0.jpg': ['a photo of a cats'], 'dogs/1.jpg': ['a photo of a dogs'] },
      { label: 'label' },
    ]);
    expect(fields).toEqual({ 'cats/0.jpg': { label: '1' }, 'dogs/1.jpg': { label: '0' } });
    expect(Object.keys(rejected)).toEqual(['gone.jpg']);
    expect(format).toBe('One folder per class');
  });

  it('say what is missing where they are nothing that can be taught', async () => {
    const { fields, rejected } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'sizes.csv': 'filename,width\n0.jpg,640\n1.jpg,480\n',
    });
    expect(fields).toEqual({ '0.jpg': { width: '640' }, '1.jpg': { width: '480' } });
    expect(rejected['sizes.csv']).toMatch(/lacks a column for the caption.*What its other columns say was kept\./);
  });

  it('hold several labels, also between signs', async () => {
    const { captions, fields, columns } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'a.csv': 'filename,Finding Labels,colours\n0.jpg,Mass|Nodule,"red, blue"\n1.jpg,Mass,red\n',
    });
    expect(columns).toEqual({ 'Finding Labels': 'label', colours: 'none' });
    expect(fields).toEqual({
      '0.jpg': { 'Finding Labels': ['Mass', 'Nodule'], colours: 'red, blue' },
      '1.jpg': { 'Finding Labels': 'Mass', colours: 'red' },
    });
    expect(captions['0.jpg']).toEqual([]);
    const tags = await readFiles({ ...picturesAt('0.jpg'), 'a.csv': 'filename,text,tags\n0.jpg,x,"red, blue"\n' });
    expect([tags.columns, tags.fields['0.jpg']]).toEqual([{ tags: 'label' }, { tags: ['red', 'blue'] }]);
  });

  it('keep their rows together where they have no role, and are single where all rows agree', async () => {
    const { fields } = await readFiles({
      ...picturesAt('0.jpg'),
      'a.csv': 'filename,text,x,y,z\n0.jpg,a,1,p,q\n0.jpg,b,2,,q\n0.jpg,c,1,p,q\n',
    });
    expect(fields['0.jpg']).toEqual({ x: ['1', '2', '1'], y: ['p', '', 'p'], z: 'q' });
  });

  it('hold labels of which captions are made', async () => {
    const { captions, fields, columns } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'l.csv': 'filename,label\n0.jpg,dog\n1.jpg,cat\n',
    });
    expect(captions['0.jpg']).toEqual(['a photo of a dog']);
    expect([columns, fields]).toEqual([{ label: 'label' }, { '0.jpg': { label: 'dog' }, '1.jpg': { label: 'cat' } }]);
  });

  it('add up over tables, and come late to pictures that are stored', async () => {
    const { fields, lateFields, columns } = await readFiles(
      {
        ...picturesAt('0.jpg'),
        'captions.csv': 'file_name,text,artist\n0.jpg,a pear,Ann\n',
        'more.csv': 'file_name,species\n0.jpg,pear\n9.jpg,plum\n',
      },
      [{ id: 'd/9', path: '9.jpg' }],
    );
    expect(fields).toEqual({ '0.jpg': { artist: 'Ann', species: 'pear' } });
    expect(lateFields).toEqual({ 'd/9': { species: 'plum' } });
    expect(columns).toEqual({ artist: 'none', species: 'label' });
  });

  it('are bounded in number and length', async () => {
    const wide = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`c${i}`, i === 0 ? 'x'.repeat(10_001) : i]));
    const { fields, columns, notes } = await readFiles({
      ...picturesAt('0.jpg'),
      'a.jsonl': JSON.stringify({ image: '0.jpg', text: 'a', ...wide, many: Array(3_000).fill('m') }),
    });
    expect(Object.keys(columns)).toHaveLength(63);
    expect(fields['0.jpg']).not.toHaveProperty('c0');
    expect(notes).toEqual(['a.jsonl has 71 columns besides pictures, captions and splits; the first 64 were kept.']);
  });

  it('may be called anything', async () => {
    const names = { constructor: 'a', toString: 'b', ['__proto__']: 'c', ' spaced ': 'd' };
    const csv = `file_name,text,constructor,toString,__proto__\n0.jpg,x,a,b,c\n1.jpg,y,,,\n`;
    for (const content of [
      { 'a.csv': csv },
      {
        'a.jsonl': lines([
          { image: '0.jpg', text: 'x', ...names },
          { image: '1.jpg', text: 'y' },
        ]),
      },
    ]) {
      const { fields } = await readFiles({ ...picturesAt('0.jpg', '1.jpg'), ...content });
      expect(fields['0.jpg']).toMatchObject({ constructor: 'a', toString: 'b' });
      expect(Object.keys(fields['1.jpg'] ?? {})).toEqual([]);
    }
  });

  it('do not become labels when they are fractions or long, nor numbers when they are words', async () => {
    const { columns } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'a.csv': `file_name,text,label,score\n0.jpg,a,0.25,high\n1.jpg,b,0.5,low\n`,
    });
    expect(columns).toEqual({ label: 'none', score: 'none' });
  });
});

describe('folders', () => {
  it('of several levels give a label of the whole path and a column a level', async () => {
    const { fields, columns, captions } = await readFiles(
      picturesAt(
        'set/train/01_clothing/images/red_shoes/1.jpg',
        'set/train/01_clothing/coats/2.jpg',
        'set/test/toys/coats/3.jpg',
        'set/loose.jpg',
      ),
    );
    expect(columns).toEqual({ label: 'label', 'level 1': 'none', 'level 2': 'none' });
    expect(fields).toEqual({
      'set/train/01_clothing/images/red_shoes/1.jpg': {
        label: 'clothing/red shoes',
        'level 1': 'clothing',
        'level 2': 'red shoes',
      },
      'set/train/01_clothing/coats/2.jpg': { label: 'clothing/coats', 'level 1': 'clothing', 'level 2': 'coats' },
      'set/test/toys/coats/3.jpg': { label: 'toys/coats', 'level 1': 'toys', 'level 2': 'coats' },
      'set/loose.jpg': {},
    });
    expect(captions['set/test/toys/coats/3.jpg']).toEqual(['a photo of a coats']);
  });

  it('of one level give a label, whatever lies above and below', async () => {
    const { fields, columns } = await readFiles(
      picturesAt(
        'set/train/pets/cat/photos/1.jpg',
        'set/train/pets/dog/2.jpg',
        'set/val/pets/dog/3.jpg',
        'set/val/pets/cat/4.jpg',
      ),
    );
    expect(columns).toEqual({ label: 'label' });
    expect(Object.values(fields)).toEqual([{ label: 'cat' }, { label: 'dog' }, { label: 'dog' }, { label: 'cat' }]);
  });

  it('are labels beside caption files, which stay the captions, but not beside a table of columns', async () => {
    const pictures = picturesAt('cats/0.jpg', 'cats/1.jpg', 'dogs/2.jpg', 'dogs/3.jpg');
    const sidecars = await readFiles({ ...pictures, 'cats/0.txt': 'a grey cat' });
    expect(sidecars.captions).toEqual({
      'cats/0.jpg': ['a grey cat'],
      'cats/1.jpg': [],
      'dogs/2.jpg': [],
      'dogs/3.jpg': [],
    });
    expect(Object.values(sidecars.fields).map(({ label }) => label)).toEqual(['cats', 'cats', 'dogs', 'dogs']);
    const table = await readFiles({ ...pictures, 'c.csv': 'file_name,text,artist\ncats/0.jpg,a cat,Ann\n' });
    expect(table.columns).toEqual({ artist: 'none' });
  });

  it('are no labels where they are no classes, or each holds a sample of its own', async () => {
    for (const paths of [
      ['train/1.jpg', 'test/2.jpg'],
      ['2024-01-05/1.jpg', '2024-02-11/2.jpg'],
      ['part 1/1.jpg', 'part 2/2.jpg'],
      ['cats/1.jpg', 'cats/2.jpg'],
    ])
      expect((await readFiles(picturesAt(...paths))).columns, paths[0]).toEqual({});
    const folders = { ...picturesAt('boat one/a.jpg', 'old pier/a.jpg'), 'boat one/a.txt': 'x', 'old pier/a.txt': 'y' };
    expect((await readFiles(folders)).columns).toEqual({});
  });

  it('of a Teachable Machine project are in the names of its pictures', async () => {
    const { fields } = await readFiles(picturesAt('p/Dog-!-0.jpg', 'p/Big cat-!-12.png'));
    expect(Object.values(fields)).toEqual([{ label: 'Dog' }, { label: 'Big cat' }]);
  });
});

describe('COCO', () => {
  const images = [
    { id: 1, file_name: '1.jpg' },
    { id: 2, file_name: '2.jpg' },
  ];
  const categories = [
    { id: 3, name: 'cat' },
    { id: 4, name: 'dog' },
  ];
  const box = (image_id: number, category_id: number) => ({ image_id, category_id, bbox: [0, 0, 1, 1] });
  const instances = (annotations: readonly object[]) => JSON.stringify({ images, annotations, categories });

  it('of boxes gives the categories of each picture, beside the captions of another file', async () => {
    const { captions, fields, columns, rejected } = await readFiles({
      ...picturesAt('1.jpg', '2.jpg'),
      'captions.json': JSON.stringify({ images, annotations: [{ image_id: 1, caption: 'a pet' }] }),
      'instances.json': instances([box(1, 3), box(1, 4), box(1, 3), box(2, 4)]),
    });
    expect(captions).toEqual({ '1.jpg': ['a pet'], '2.jpg': [] });
    expect([fields, columns]).toEqual([
      { '1.jpg': { category: ['cat', 'dog'] }, '2.jpg': { category: ['dog'] } },
      { category: 'none' },
    ]);
    expect(rejected['instances.json']).toMatch(/boxes, masks or keypoints, not of captions.*was kept/);
  });

  it('of one box a picture gives labels', async () => {
    const { columns } = await readFiles({
      ...picturesAt('1.jpg', '2.jpg'),
      'i.json': instances([box(1, 3), box(2, 4)]),
    });
    expect(columns).toEqual({ category: 'label' });
  });
});
