import { describe, expect, it } from 'vitest';
import { picturesAt, readFiles } from '../testing/reading';

describe('caption files', () => {
  it('with the whole name of a picture are for it alone', async () => {
    const { captions, rejected } = await readFiles({
      ...picturesAt('a.jpg', 'a.png', 'b.jpg', 'b.png'),
      'a.jpg.txt': 'green',
      'a.png.txt': 'blue',
      'b.jpg.txt': 'own',
      'b.txt': 'shared',
    });
    expect(captions).toEqual({ 'a.jpg': ['green'], 'a.png': ['blue'], 'b.jpg': ['own'], 'b.png': ['shared'] });
    expect(rejected).toEqual({});
  });

  it('pair by the key of a WebDataset, in a parallel folder, and in a folder of one picture', async () => {
    const { captions, rejected } = await readFiles({
      ...picturesAt(
        's/0001.input.jpg',
        's/22.05.jpg',
        'train/images/0.jpg',
        'val/images/0.jpg',
        'x/777/image.jpg',
        'x/778/image.jpg',
      ),
      's/0001.outputs.txt': 'key',
      's/22.05.txt': 'dots',
      'train/captions/0.txt': 'train zero',
      'val/captions/0.txt': 'val zero',
      'x/777/caption.txt': 'a',
      'x/777/info.json': '{}',
      'x/778/caption.txt': 'b',
      'x/778/info.json': '{}',
    });
    expect(captions).toEqual({
      's/0001.input.jpg': ['key'],
      's/22.05.jpg': ['dots'],
      'train/images/0.jpg': ['train zero'],
      'val/images/0.jpg': ['val zero'],
      'x/777/image.jpg': ['a'],
      'x/778/image.jpg': ['b'],
    });
    expect(rejected).toEqual({});
  });

  it('have extensions of several trainers, or are JSON where no text says anything', async () => {
    const { captions } = await readFiles({
      ...picturesAt('0.jpg', '1.jpg', '2.jpg', '3.jpg'),
      '0.cap': 'zero',
      '1.json': '{"caption":"one","width":4}',
      '2.txt': ' \n',
      '2.json': '{"caption":"two"}',
      '3.txt': 'three',
      '3.json': '{"caption":"not this"}',
    });
    expect(captions).toEqual({ '0.jpg': ['zero'], '1.jpg': ['one'], '2.jpg': ['two'], '3.jpg': ['three'] });
  });

  it('of hard-wrapped lines are one caption; otherwise the user hears that lines became captions', async () => {
    const { captions, notes } = await readFiles({
      ...picturesAt('1.jpg', '2.jpg'),
      '1.txt': 'A box stands on a table.\n\nThe background is dark,\nwith a soft edge.\n',
      '2.txt': 'a box\na red box\n',
    });
    expect(captions).toEqual({
      '1.jpg': ['A box stands on a table. The background is dark, with a soft edge.'],
      '2.jpg': ['a box', 'a red box'],
    });
    expect(notes).toEqual([expect.stringContaining('2.txt holds several lines: each line became a caption')]);
  });

  it('of boxes are no captions', async () => {
    const { captions, rejected } = await readFiles({
      ...picturesAt('images/0.jpg'),
      'labels/0.txt': '0 0.5 0.5 0.25 0.25\n3 0.1 0.2 0.3 0.4\n',
    });
    expect(captions).toEqual({ 'images/0.jpg': [] });
    expect(rejected['labels/0.txt']).toMatch(/boxes or outlines in numbers/);
  });

  it('are no orphans beside a picture that cannot be taken', async () => {
    const files = {
      ...picturesAt('ok.jpg', 't.tif', 'v.mp4', 's.ppm'),
      'ok.txt': 'fine',
      't.txt': 't',
      'v.txt': 'v',
      's.txt': 's',
    };
    const { rejected } = await readFiles({ ...files, 'lone.txt': 'lone' });
    expect(Object.keys(rejected).sort()).toEqual(['lone.txt', 's.ppm', 't.tif', 'v.mp4']);
    expect(rejected['lone.txt']).toMatch(/without a picture of the same name/);
  });
});
