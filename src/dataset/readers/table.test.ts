import { describe, expect, it } from 'vitest';
import { picturesAt, readFiles } from '../testing/reading';

/** UTF-16 with byte-order mark. */
function utf16(text: string): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + text.length * 2));
  [0xfeff, ...Array.from(text, (_, i) => text.charCodeAt(i))].forEach((unit, i) => view.setUint16(i * 2, unit, true));
  return new Uint8Array(view.buffer);
}

describe('pictures that tables name', () => {
  it('are found in the other way to write accents, percent-encoded, and under the names of uploads', async () => {
    const decomposed = 'Ka\u0308fer e\u0301.jpg';
    const { captions, rejected } = await readFiles({
      ...picturesAt(decomposed, 'photo 1.jpg', 'photo 2.jpg', 'pics/photo 3.jpg', '100% wool.jpg'),
      'a.csv': [
        'file_name,text',
        'Käfer é.jpg,composed',
        'photo%201.jpg,encoded',
        '/data/upload/7/3f2a1b40-photo%202.jpg,uploaded',
        '/data/local-files/?d=pics/photo%203.jpg,local',
        '100% wool.jpg,plain',
      ].join('\n'),
    });
    expect(captions).toEqual({
      [decomposed]: ['composed'],
      'photo 1.jpg': ['encoded'],
      'photo 2.jpg': ['uploaded'],
      'pics/photo 3.jpg': ['local'],
      '100% wool.jpg': ['plain'],
    });
    expect(rejected).toEqual({});
  });

  it('may lack the extension or be a number, with or without zeros in front', async () => {
    const { captions, rejected } = await readFiles({
      ...picturesAt('3.jpg', 'photo_0.jpg', 'COCO_val_000042.jpg', 'a/x.jpg', 'b/x.jpg'),
      'm.jsonl': [
        { file_name: 3, text: 'three' },
        { file_name: 'photo_0', text: 'stem' },
        { file_name: 42, text: 'id' },
        { file_name: 'b/x', text: 'folder and stem' },
        { file_name: 'x', text: 'either' },
        { file_name: 'photo_0.png', text: 'another file' },
      ]
        .map((row) => JSON.stringify(row))
        .join('\n'),
    });
    expect(captions).toEqual({
      '3.jpg': ['three'],
      'photo_0.jpg': ['stem'],
      'COCO_val_000042.jpg': ['id'],
      'a/x.jpg': [],
      'b/x.jpg': ['folder and stem'],
    });
    expect(Object.keys(rejected)).toEqual(['x', 'photo_0.png']);
  });

  it('are not called missing when they are here but no picture that can be taken', async () => {
    const { rejected } = await readFiles({
      ...picturesAt('a.jpg', 'b.heic'),
      'a.csv': 'file_name,text\na.jpg,one\nb.heic,two\n',
    });
    expect(Object.keys(rejected)).toEqual(['b.heic']);
    expect(rejected['b.heic']).toMatch(/cannot be read in a browser/);
  });
});

describe('columns', () => {
  it('hold lists of captions as text', async () => {
    const { captions } = await readFiles({
      ...picturesAt('0.jpg'),
      'c.csv': `image,captions\n0.jpg,"['a box', 'a red box']"\n`,
    });
    expect(captions['0.jpg']).toEqual(['a box', 'a red box']);
  });

  it('are found by content where their names do not tell, and the user hears which', async () => {
    const { captions, notes } = await readFiles({
      ...picturesAt('images/15970.jpg', 'images/15971.jpg'),
      'styles.csv': 'sku,season,productDisplayName\n15970,Fall,Navy Blue Shirt\n15971,Summer,Red Shoe\n',
    });
    expect(captions).toEqual({ 'images/15970.jpg': ['Navy Blue Shirt'], 'images/15971.jpg': ['Red Shoe'] });
    expect(notes).toEqual([expect.stringContaining('"productDisplayName" of styles.csv was taken for the captions')]);
  });

  it('of class names make captions, of class numbers none', async () => {
    const named = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'l.csv': 'filename,label\n0.jpg,dog\n1.jpg,cat\n',
    });
    expect(named.captions).toEqual({ '0.jpg': ['a photo of a dog'], '1.jpg': ['a photo of a cat'] });
    expect(named.notes[0]).toMatch(/"label" of l\.csv was taken for class names/);
    const numbered = await readFiles({
      ...picturesAt('0.jpg', '1.jpg'),
      'l.csv': 'filename,label\n0.jpg,1\n1.jpg,0\n',
    });
    expect(numbered.captions).toEqual({ '0.jpg': [], '1.jpg': [] });
    expect([numbered.columns, numbered.rejected]).toEqual([{ label: 'label' }, {}]);
  });

  it('without header are told by content', async () => {
    const { captions } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg', 'image.jpg'),
      'plain.csv': '0.jpg,0.9,a red box\n1.jpg,0.8,a blue box\n',
      'headed.csv': 'image,caption\nimage.jpg,a box\n',
    });
    expect(captions).toEqual({ '0.jpg': ['a red box'], '1.jpg': ['a blue box'], 'image.jpg': ['a box'] });
  });

  it('of questions and answers are no captions, but PaliGemma prefixes and suffixes are', async () => {
    const row = { image: '0.jpg', prefix: 'describe', suffix: 'a box' };
    const { captions } = await readFiles({ ...picturesAt('0.jpg'), 'annotations.jsonl': JSON.stringify(row) });
    expect(captions['0.jpg']).toEqual(['a box']);
  });
});

describe('files of tables', () => {
  it('may be UTF-16 with its mark', async () => {
    const { captions } = await readFiles({
      ...picturesAt('0.jpg'),
      'c.csv': utf16('file_name\ttext\r\n0.jpg\t箱\r\n'),
    });
    expect(captions['0.jpg']).toEqual(['箱']);
  });

  it('with tabs know no quoting unless it is sound', async () => {
    const free = 'file_name\ttext\n0.jpg\t"Hello" said the fox\n1.jpg\t5" disk\n2.jpg\t"open\n';
    const { captions } = await readFiles({ ...picturesAt('0.jpg', '1.jpg', '2.jpg'), 'c.tsv': free });
    expect(captions).toEqual({ '0.jpg': ['"Hello" said the fox'], '1.jpg': ['5" disk'], '2.jpg': ['"open'] });
    const quoted = await readFiles({ ...picturesAt('0.jpg'), 'c.tsv': 'file_name\ttext\n0.jpg\t"a ""tab""\there"\n' });
    expect(quoted.captions['0.jpg']).toEqual(['a "tab" here']);
  });

  it('may hold JSON objects one behind the other', async () => {
    const rows = ['{"file_name":"0.jpg","text":"a {brace}"}', '{"file_name":"1.jpg",\n"text":"b"}'];
    const { captions } = await readFiles({ ...picturesAt('0.jpg', '1.jpg'), 'metadata.jsonl': rows.join(' ') });
    expect(captions).toEqual({ '0.jpg': ['a {brace}'], '1.jpg': ['b'] });
  });

  it('named by splits give splits, under a split column and over folders', async () => {
    const { splits, captions } = await readFiles({
      ...picturesAt('all/0.jpg', 'all/1.jpg', 'train/2.jpg', 'all/3.jpg'),
      'train.csv': 'file_name,text\n0.jpg,zero\n',
      'val.csv': 'file_name,text\n1.jpg,one\n2.jpg,two\n',
      'test.csv': 'file_name,text,split\n3.jpg,three,train\n',
    });
    expect(splits).toEqual({
      'all/0.jpg': 'train',
      'all/1.jpg': 'validation',
      'train/2.jpg': 'validation',
      'all/3.jpg': 'train',
    });
    expect(Object.values(captions)).toEqual([['zero'], ['one'], ['two'], ['three']]);
  });

  it('that name only web addresses, or pictures that are not here, are reported in one sentence', async () => {
    const rows = [0, 1, 2].map((i) => `http://example.org/${i}.jpg,box ${i}`).join('\n');
    const { rejected } = await readFiles({ 'laion.csv': `URL,TEXT\n${rows}` });
    expect(rejected).toEqual({
      'laion.csv': expect.stringMatching(/All 3 rows .* by web addresses .* not fetched/) as string,
    });
  });
});

describe('texts that are tables', () => {
  it('are read like Flickr8k, with captions by number and lists of splits', async () => {
    const pictures = picturesAt('Images/0_ab.jpg', 'Images/1_ab.jpg');
    const headed = await readFiles({
      ...pictures,
      'captions.txt': 'image,caption\n0_ab.jpg,"left , right"\n1_ab.jpg,a box .\n',
    });
    expect(headed.captions).toEqual({ 'Images/0_ab.jpg': ['left , right'], 'Images/1_ab.jpg': ['a box .'] });
    const token = await readFiles({
      ...pictures,
      'Flickr8k.token.txt': '0_ab.jpg#0\ta box, red .\n0_ab.jpg#1\ta red box .\n1_ab.jpg#0\tanother .\n',
      'Flickr_8k.trainImages.txt': '0_ab.jpg\n',
      'Flickr_8k.devImages.txt': '1_ab.jpg\n',
      'readme.txt': 'about',
    });
    expect(token.captions).toEqual({
      'Images/0_ab.jpg': ['a box, red .', 'a red box .'],
      'Images/1_ab.jpg': ['another .'],
    });
    expect(token.splits).toEqual({ 'Images/0_ab.jpg': 'train', 'Images/1_ab.jpg': 'validation' });
    expect(token.rejected).toEqual({});
  });
});
