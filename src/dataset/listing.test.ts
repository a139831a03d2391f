import { describe, expect, it } from 'vitest';
import { readDataset } from './listing';
import { madeSource, type SourceFile } from './source';
import { readFiles as read, sourceFile as source } from './testing/reading';

/** Text in an encoding of one byte a character. */
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(2 + text.length * 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, true);
  [...text].forEach((letter, i) => view.setUint16(2 + i * 2, letter.charCodeAt(0), true));
  return bytes;
}

describe('files and captions that are too large', () => {
  /** A file that must not be read. */
  const large = (path: string, size: number): SourceFile =>
    madeSource(path, size, () => Promise.reject(new Error(`${path} was read`)));

  it('are not read, and named with their size and the limit', async () => {
    const table = await readDataset([source('a.png'), large('metadata.csv', 250e6), source('a.txt', 'a pear')]);
    expect(table.pictures[0]?.captions).toEqual(['a pear']);
    expect(table.rejected).toEqual([
      {
        path: 'metadata.csv',
        reason: 'metadata.csv has 250 MB, over the limit of 200 MB. Split it into several tables.',
      },
    ]);
    const sidecar = await readDataset([source('a.png'), large('a.txt', 3e6), source('b.png'), source('b.txt', 'ok')]);
    expect(sidecar.pictures.map(({ captions }) => captions)).toEqual([[], ['ok']]);
    expect(sidecar.rejected[0]?.reason).toMatch(/^a\.txt has 3\.0 MB, over the limit of 1\.0 MB\./);
  });

  it('leave out what is over the limits of a picture, whatever the format, and say how much', async () => {
    const long = 'x'.repeat(10_001);
    const many = Array.from({ length: 1_500 }, (_, i) => `caption ${i}`);
    const row = (file_name: string, text: unknown): string => JSON.stringify({ file_name, text });
    for (const { captions, rejected } of [
      await read({ 'a.png': '', 'a.txt': `${long}\na pear`, 'b.png': '', 'b.txt': many.join('\n') }),
      await read({
        'a.png': '',
        'b.png': '',
        'm.jsonl': [row('a.png', [long, 'a pear']), row('b.png', many)].join('\n'),
      }),
    ]) {
      expect(captions).toEqual({ 'a.png': ['a pear'], 'b.png': many.slice(0, 1_000) });
      expect(rejected).toEqual({
        'a.png': 'A caption has 10,001 characters, over the limit of 10,000. What is over it was left out.',
        'b.png': 'There are 1,500 captions, over the limit of 1,000. What is over it was left out.',
      });
    }
  });

  it('do not stop an import that is within them, however many lines there are', async () => {
    const { captions } = await read({ 'a.png': '', 'a.txt': `a pear${'\n'.repeat(900_000)}` });
    expect(captions).toEqual({ 'a.png': ['a pear'] });
  });
});

describe('caption files', () => {
  it('pair by name within a folder, whatever the case, and one serves several pictures', async () => {
    const { format, captions, rejected } = await read({
      'a/cat.png': '',
      'a/cat.JPG': '',
      'a/Cat.txt': '\uFEFF  a cat\t on a mat \r\n\r\n a second caption\n',
      'b/cat.png': '',
      'b/cat.caption': 'another cat',
      'c/dog.webp': '',
      'c/dog.webp.txt': 'a dog',
      'c/none.png': '',
    });
    expect(format).toMatch(/caption files/);
    expect(captions).toEqual({
      'a/cat.png': ['a cat on a mat', 'a second caption'],
      'a/cat.JPG': ['a cat on a mat', 'a second caption'],
      'b/cat.png': ['another cat'],
      'c/dog.webp': ['a dog'],
      'c/none.png': [],
    });
    expect(rejected).toEqual({});
  });

  it('in another encoding are named with the line and what to do', async () => {
    const { captions, rejected } = await read({
      'a.png': '',
      'a.txt': latin1('fine\ncaf\xe9'),
      'b.png': '',
      'b.txt': 'ok',
    });
    expect(captions).toEqual({ 'a.png': [], 'b.png': ['ok'] });
    expect(rejected['a.txt']).toMatch(/a\.txt is not UTF-8 text \(line 2.*Latin-1.*Save it as UTF-8/);
  });
});

describe('Hugging Face imagefolder', () => {
  it('reads one metadata file a split folder, paths relative to it', async () => {
    const { format, captions, splits } = await read({
      'set/train/metadata.jsonl': '{"file_name":"1.png","text":"one"}\n{"file_name":"sub/1.png","text":"deeper one"}\n',
      'set/train/1.png': '',
      'set/train/sub/1.png': '',
      'set/validation/metadata.jsonl': '{"file_name":"1.png","text":"other one","label":3}',
      'set/validation/1.png': '',
      'set/test/1.png': '',
    });
    expect(format).toBe('Hugging Face imagefolder');
    expect(captions).toEqual({
      'set/train/1.png': ['one'],
      'set/train/sub/1.png': ['deeper one'],
      'set/validation/1.png': ['other one'],
      'set/test/1.png': [],
    });
    expect(Object.values(splits)).toEqual(['train', 'train', 'validation', 'test']);
  });

  it('reads CSV with quoted line breaks, a byte-order mark and several rows a picture', async () => {
    const { captions, rejected } = await read({
      'metadata.csv':
        '\uFEFFfile_name,label,text\r\nimages/a.png,1,"a ""red"" shoe,\nnew"\r\nimages/a.png,1,second\r\n\r\nimages/b.png,2,b\r\n',
      'images/a.png': '',
      'images/b.png': '',
      'stats.csv': 'x,y\n1,2',
    });
    expect(captions).toEqual({ 'images/a.png': ['a "red" shoe, new', 'second'], 'images/b.png': ['b'] });
    expect(Object.keys(rejected)).toEqual(['stats.csv']);
  });

  it('takes *_file_name, and `text` before other captions', async () => {
    const { captions } = await read({
      'metadata.jsonl': '{"image_file_name":"a.png","description":"long","text":"short"}',
      'a.png': '',
    });
    expect(captions).toEqual({ 'a.png': ['short'] });
  });
});

describe('tables', () => {
  it('find columns by their usual names and pictures by path, ending, file name or case', async () => {
    const { format, captions, rejected } = await read({
      'captions.tsv': [
        'FilePath\tTitle\tsplit',
        'a.png\tbeside the table\ttrain',
        '/home/me/project/deep/b.png\tby its ending\tval',
        'C:\\pictures\\C.PNG\tby its name\ttest',
        'gone.png\tmissing\ttrain',
        'https://example.org/x.png\tweb\ttrain',
        '\tno name\ttrain',
      ].join('\n'),
      'a.png': '',
      'other/deep/b.png': '',
      'pics/c.png': '',
    });
    expect(format).toMatch(/^Table/);
    expect(captions).toEqual({
      'a.png': ['beside the table'],
      'other/deep/b.png': ['by its ending'],
      'pics/c.png': ['by its name'],
    });
    expect(rejected['gone.png']).toMatch(/row 5 of captions\.tsv, but not among the files/);
    expect(rejected['https://example.org/x.png']).toMatch(/web address/);
    expect(rejected['captions.tsv']).toMatch(/Row 7 names no picture/);
  });

  it('keep the split column', async () => {
    const { splits } = await read({
      'data.csv': 'image;caption;split\na.png;one;train\nb.png;two;valid\nc.png;three;test\nd.png;four;\n',
      'a.png': '',
      'b.png': '',
      'c.png': '',
      'd.png': '',
    });
    expect(splits).toEqual({ 'a.png': 'train', 'b.png': 'validation', 'c.png': 'test', 'd.png': null });
  });

  it('do not guess between pictures of one name', async () => {
    const { captions, rejected } = await read({
      'data.csv': 'image,text\ncat.png,which one\n',
      'a/cat.png': '',
      'b/cat.png': '',
    });
    expect(captions).toEqual({ 'a/cat.png': [], 'b/cat.png': [] });
    expect(rejected['cat.png']).toMatch(/2 pictures have that name \(a\/cat\.png, b\/cat\.png\)/);
  });

  it('take lists of captions from JSON Lines', async () => {
    const { captions } = await read({
      'd.jsonl': '{"image":"a.png","captions":["one","two"," "]}\n{"image":"b.png","sentences":[{"raw":"three"}]}',
      'a.png': '',
      'b.png': '',
    });
    expect(captions['a.png']).toEqual(['one', 'two']);
  });

  it('without the needed columns are named with the columns that are there; the pictures are kept', async () => {
    const { format, captions, rejected } = await read({
      'sizes.jsonl': '{"image":"a.png","width":640,"depth":3}',
      'a.png': '',
    });
    expect(format).toBe('Table of pictures and captions (CSV, TSV or JSON Lines)');
    expect(captions).toEqual({ 'a.png': [] });
    expect(rejected['sizes.jsonl']).toMatch(
      /lacks a column for the caption \("text"\)\. Its columns are: image, width, depth\./,
    );
    const both = await read({ 'x.csv': 'foo,bar\n1,2\n', 'a.png': '' });
    expect(both.rejected['x.csv']).toMatch(/lacks a column for the picture.*and a column for the caption/);
    const empty = await read({ 'x.csv': '', 'a.png': '' });
    expect(empty.rejected['x.csv']).toMatch(/no header row/);
  });

  it('in the wrong encoding or with broken lines are named with what to do', async () => {
    const csv = 'file_name,text\na.png,caf\xe9\n';
    for (const [name, content, message] of [
      ['latin.csv', latin1(csv), /latin\.csv is not UTF-8 text \(line 2/],
      ['wide.csv', utf16(csv).subarray(0, -1), /wide\.csv is damaged UTF-16.*Save it as UTF-8/],
      ['broken.jsonl', '{"file_name":"a.png","text":"ok"}\n{"file_name":', /broken\.jsonl, line 2, is not JSON/],
      ['list.jsonl', '["a.png","ok"]', /list\.jsonl, line 1, is not a JSON object/],
      [
        'quote.csv',
        'file_name,text\na.png,"never closed\nb.png,x\n',
        /quote\.csv has a quotation mark without its partner/,
      ],
    ] as const) {
      const { rejected, captions } = await read({ [name]: content, 'a.png': '' });
      expect(rejected[name], name).toMatch(message);
      expect(captions).toEqual({ 'a.png': [] });
    }
  });
});

describe('class folders', () => {
  it('make captions of folder names, below split folders too', async () => {
    const { format, captions, splits } = await read({
      'set/train/golden_retriever/1.png': '',
      'set/train/10_tabby-cat/2.png': '',
      'set/test/001.Black_footed_Albatross/1.png': '',
      'set/loose.png': '',
    });
    expect(format).toBe('One folder per class');
    expect(captions).toEqual({
      'set/train/golden_retriever/1.png': ['a photo of a golden retriever'],
      'set/train/10_tabby-cat/2.png': ['a photo of a tabby cat'],
      'set/test/001.Black_footed_Albatross/1.png': ['a photo of a Black footed Albatross'],
      'set/loose.png': [],
    });
    expect(splits['set/test/001.Black_footed_Albatross/1.png']).toBe('test');
  });

  it('are not seen in one folder or in split folders alone', async () => {
    expect((await read({ 'pics/1.png': '', 'pics/2.png': '' })).format).toBe('Pictures without captions');
    expect((await read({ 'train/1.png': '', 'test/2.png': '' })).format).toBe('Pictures without captions');
  });
});

describe('files that play no part', () => {
  it('are listed with the reason', async () => {
    const { rejected } = await read({
      'a.png': '',
      'scan.tiff': '',
      'raw.CR2': '',
      'art.psd': '',
      'clip.mp4': '',
      'inner.zip': '',
      'data.parquet': '',
      'README.md': '',
      LICENSE: '',
      '.git/config': '',
      '.git/HEAD': '',
    });
    expect(rejected['scan.tiff']).toMatch(/TIFF.*Convert it to JPEG or PNG/);
    expect(rejected['raw.CR2']).toMatch(/camera raw/);
    expect(rejected['art.psd']).toMatch(/Photoshop/);
    expect(rejected['clip.mp4']).toMatch(/Neither a picture/);
    expect(rejected['inner.zip']).toMatch(/zip deep within another/);
    expect(rejected['data.parquet']).toMatch(/within an archive/);
    expect(rejected['.git']).toMatch(/2 hidden/);
    expect(Object.keys(rejected)).toHaveLength(7);
  });
});
