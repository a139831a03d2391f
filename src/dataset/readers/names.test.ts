import { describe, expect, it } from 'vitest';
import { picturesAt, readFiles } from '../testing/reading';

const none = (captions: Record<string, readonly string[]>): boolean =>
  Object.values(captions).every(({ length }) => length === 0);

describe('class folders', () => {
  it('are told with their classes', async () => {
    const { captions, notes } = await readFiles(
      picturesAt('Dog-samples/0.jpg', 'Dog-samples (1)/1.jpg', 'Cat-samples/0.jpg'),
    );
    expect(captions).toEqual({
      'Dog-samples/0.jpg': ['a photo of a Dog'],
      'Dog-samples (1)/1.jpg': ['a photo of a Dog'],
      'Cat-samples/0.jpg': ['a photo of a Cat'],
    });
    expect(notes).toEqual([
      expect.stringContaining('The folder names became captions, such as "a photo of a Dog": Dog, Cat – 2 classes'),
    ]);
  });

  it.each([
    ['splits', ['set/train2017/1.jpg', 'set/val2017/2.jpg']],
    ['numbers', ['28330580/image.jpg', '28330581/image.jpg']],
    ['dates', ['2024-01-05/1.jpg', '2024-02-11/2.jpg']],
    ['ids', ['n02124075/1.jpg', 'n02099601/2.jpg']],
    ['hashes', ['3f2a1b40c9/1.jpg', '77ab01e9d2/2.jpg']],
    ['parts', ['part 1/1.jpg', 'part 2/2.jpg']],
    ['samples by number', ['sample_001/1.jpg', 'sample_002/2.jpg']],
    ['words for pictures', ['images/1.jpg', 'JPEGImages/2.jpg', 'raw data/3.jpg']],
  ])('are not %s', async (_, paths) => {
    expect(none((await readFiles(picturesAt(...paths))).captions)).toBe(true);
  });

  it('are digits where each holds several pictures', async () => {
    const { captions } = await readFiles(picturesAt('0/a.png', '0/b.png', '7/a.png', '7/b.png'));
    expect(captions['7/b.png']).toEqual(['a photo of a 7']);
    expect(none((await readFiles(picturesAt('0/a.png', '7/a.png'))).captions)).toBe(true);
  });

  it('give no captions beside JSON, caption files or a table of captions, and the user hears why', async () => {
    const pictures = picturesAt('cats/1.jpg', 'dogs/2.jpg');
    const json = await readFiles({ ...pictures, 'annotations.json': '{}' });
    expect(none(json.captions)).toBe(true);
    expect(json.notes).toEqual([
      expect.stringMatching(
        /folder names \(cats, dogs – 2 classes\) were not taken .* annotations\.json may hold them/,
      ),
    ]);
    expect(none((await readFiles({ ...pictures, 'cats/about.txt': 'all cats' })).captions)).toBe(true);
    const some = await readFiles({ ...pictures, 'cats/1.txt': 'a cat' });
    expect(some.captions).toEqual({ 'cats/1.jpg': ['a cat'], 'dogs/2.jpg': [] });
    const table = await readFiles({ ...pictures, 'c.csv': 'file_name,text\ngone.jpg,x\n' });
    expect(none(table.captions)).toBe(true);
  });

  it('stay beside files that are about something else', async () => {
    const { captions } = await readFiles({
      ...picturesAt('cats/1.jpg', 'dogs/2.jpg'),
      'classes.txt': 'cats\ndogs\n',
      'stats.csv': 'x,y\n1,2\n',
      'train.txt': 'cats/1.jpg\n',
    });
    expect(captions).toEqual({ 'cats/1.jpg': ['a photo of a cats'], 'dogs/2.jpg': ['a photo of a dogs'] });
  });
});

describe('other names', () => {
  it("give kohya's class tokens to pictures without a caption file", async () => {
    const { captions, notes } = await readFiles({
      ...picturesAt('img/10_sks dog/0.jpg', 'reg/1_dog/1.jpg'),
      'img/10_sks dog/0.txt': 'a red box',
    });
    expect(captions).toEqual({ 'img/10_sks dog/0.jpg': ['a red box'], 'reg/1_dog/1.jpg': ['dog'] });
    expect(notes[0]).toMatch(/class tokens of their folder/);
  });

  it('of a Teachable Machine project are classes', async () => {
    const { captions, rejected } = await readFiles({
      ...picturesAt('p/Dog-!-0.jpg', 'p/Big cat-!-12.png'),
      'p/manifest.json': '{}',
    });
    expect(captions).toEqual({ 'p/Dog-!-0.jpg': ['a photo of a Dog'], 'p/Big cat-!-12.png': ['a photo of a Big cat'] });
    expect(rejected).toEqual({});
  });

  it('of files are captions where all read like one', async () => {
    const { captions, notes } = await readFiles(picturesAt('a red box 0.jpg', 'a_green_box_1.png'));
    expect(captions).toEqual({ 'a red box 0.jpg': ['a red box 0'], 'a_green_box_1.png': ['a green box 1'] });
    expect(notes[0]).toMatch(/file names became captions/);
    for (const paths of [
      ['IMG_0001.jpg', 'IMG_0002.jpg'],
      ['WhatsApp Image 2024-01-05 at 10.11.12.jpg', 'WhatsApp Image 2024-01-06 at 09.00.00.jpg'],
      ['a red box.jpg', 'DSC01.jpg'],
    ]) {
      expect(none((await readFiles(picturesAt(...paths))).captions), paths[0]).toBe(true);
    }
  });
});
