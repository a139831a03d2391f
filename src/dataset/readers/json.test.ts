import { describe, expect, it } from 'vitest';
import { picturesAt, readFiles } from '../testing/reading';

describe('COCO', () => {
  const files = {
    ...picturesAt(
      'coco/train2017/000000000001.jpg',
      'coco/train2017/000000000002.jpg',
      'coco/val2017/000000000003.jpg',
    ),
    'coco/annotations/captions_train2017.json': JSON.stringify({
      info: {},
      images: [
        { id: 1, file_name: '000000000001.jpg', width: 4 },
        { id: 2, file_name: '000000000002.jpg' },
      ],
      annotations: [
        { id: 10, image_id: 2, caption: 'two' },
        { id: 11, image_id: 1, caption: ' one\n' },
        { id: 12, image_id: 1, caption: 'one again' },
      ],
    }),
    'coco/annotations/captions_val2017.json': JSON.stringify({
      images: [{ id: 3, file_name: '000000000003.jpg' }],
      annotations: [{ id: 1, image_id: 3, caption: 'three' }],
    }),
  };

  it('gives several captions a picture and the splits of its folders', async () => {
    const { format, captions, splits, rejected, notes } = await readFiles(files);
    expect(format).toBe('COCO captions');
    expect(Object.values(captions)).toEqual([['one', 'one again'], ['two'], ['three']]);
    expect(Object.values(splits)).toEqual(['train', 'train', 'validation']);
    expect([rejected, notes]).toEqual([{}, []]);
  });

  it('of boxes gives no captions, and nor do the folders', async () => {
    const { captions, rejected } = await readFiles({
      ...picturesAt('cats/1.jpg', 'dogs/2.jpg'),
      'instances_train2017.json': JSON.stringify({
        images: [{ id: 1, file_name: '1.jpg' }],
        annotations: [{ id: 1, image_id: 1, bbox: [0, 0, 1, 1], category_id: 3 }],
      }),
    });
    expect(captions).toEqual({ 'cats/1.jpg': [], 'dogs/2.jpg': [] });
    expect(rejected['instances_train2017.json']).toMatch(/boxes, masks or keypoints, not of captions/);
  });
});

describe('other JSON', () => {
  const pictures = picturesAt('images/0.jpg', 'images/1.jpg');
  const expected = { 'images/0.jpg': ['zero'], 'images/1.jpg': ['one', 'uno'] };

  it.each([
    [
      'a list',
      [
        { image: '0.jpg', caption: 'zero' },
        { image: '1.jpg', caption: ['one', 'uno'] },
      ],
    ],
    [
      'a list below a key',
      {
        version: 1,
        data: [
          { file_name: '0.jpg', text: 'zero' },
          { file_name: '1.jpg', text: ['one', 'uno'] },
        ],
      },
    ],
    ['a map to captions', { 'images/0.jpg': 'zero', 'images/1.jpg': ['one', 'uno'] }],
    [
      "kohya's map",
      { '/data/train/0.jpg': { caption: 'zero', tags: 'box' }, '/data/train/1': { caption: ['one', 'uno'] } },
    ],
    [
      'captions of picture ids',
      [
        { image_id: 0, caption: 'zero' },
        { image_id: 1, caption: 'one' },
        { image_id: 1, caption: 'uno' },
      ],
    ],
  ])('is read as %s', async (_, document) => {
    const { captions, rejected } = await readFiles({ ...pictures, 'data.json': JSON.stringify(document) });
    expect([captions, rejected]).toEqual([expected, {}]);
  });

  it("keeps Karpathy's splits and is read as JSON Lines too", async () => {
    const image = (filename: string, split: string, raw: string) => ({
      filepath: 'images',
      filename,
      split,
      sentences: [{ raw }],
    });
    const { captions, splits } = await readFiles({
      ...pictures,
      'dataset_coco.json': JSON.stringify({
        dataset: 'coco',
        images: [image('0.jpg', 'restval', 'zero'), image('1.jpg', 'val', 'one')],
      }),
    });
    expect(captions).toEqual({ 'images/0.jpg': ['zero'], 'images/1.jpg': ['one'] });
    expect(Object.values(splits)).toEqual(['train', 'validation']);
    const lines = await readFiles({
      ...pictures,
      'train_dataset.json':
        '{"image_path":"/home/me/0.jpg","caption":"zero"}\n{"image_path":"/home/me/1.jpg","caption":"one"}\n',
    });
    expect(lines.captions).toEqual({ 'images/0.jpg': ['zero'], 'images/1.jpg': ['one'] });
  });

  it('that says nothing about pictures is named, and damaged JSON too', async () => {
    const { rejected } = await readFiles({ ...pictures, 'info.json': '{"a":1}', 'cut.json': '[{"image":"0.jpg"' });
    expect(rejected['info.json']).toMatch(/holds no captions that Vernier reads/);
    expect(rejected['cut.json']).toMatch(/is not JSON: it is damaged or cut short/);
  });
});
