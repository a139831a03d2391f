import { expect, it } from 'vitest';
import { splitNamed, splitOfPath, splitOfTable } from './split-names';

it('finds the split in the names of folders', () => {
  for (const name of ['train', 'Training', 'train2017', 'train_2014', 'train_images', 'images-train', 'trainset']) {
    expect(splitNamed(name), name).toBe('train');
  }
  for (const name of ['val', 'valid', 'validation', 'dev', 'val2017', 'valImages']) {
    expect(splitNamed(name), name).toBe('validation');
  }
  for (const name of ['test', 'testing', 'test2015', 'test-data', 'eval']) expect(splitNamed(name), name).toBe('test');
  for (const name of ['trains', 'test tubes', 'training shoes', 'value', 'trainval', 'train test', '2017', '']) {
    expect(splitNamed(name), name).toBeNull();
  }
  expect(splitOfPath('set/train2017/cats/1.jpg')).toBe('train');
  expect(splitOfPath('train.jpg')).toBeNull();
});

it('finds the split in the names of tables, among other words', () => {
  expect(splitOfTable('annotations/captions_train2017.json')).toBe('train');
  expect(splitOfTable('Flickr_8k.testImages.txt')).toBe('test');
  expect(splitOfTable('dataset-val.csv')).toBe('validation');
  expect(splitOfTable('train/captions.csv')).toBeNull();
  expect(splitOfTable('train_and_test.csv')).toBeNull();
  expect(splitOfTable('latest.csv')).toBeNull();
});
