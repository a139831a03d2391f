import { expect, it } from 'vitest';
import { modelFilesOf } from './modelFiles';

const pick = (...paths: readonly string[]) => {
  const picked = modelFilesOf(paths.map((path) => ({ path, file: new Blob() })));
  return typeof picked === 'string' ? picked : { name: picked.name, files: picked.files.map(({ name }) => name) };
};

it('finds the model in a folder, however deep, and in loose files', () => {
  expect(pick('a/clip/config.json', 'a/clip/model.safetensors', 'a/notes.txt', 'a/clip/onnx/model.onnx')).toEqual({
    name: 'clip',
    files: ['config.json', 'model.safetensors'],
  });
  expect(pick('config.json', 'model.safetensors')).toEqual({
    name: 'my-model',
    files: ['config.json', 'model.safetensors'],
  });
  expect(pick('m/config.json', 'm/onnx/config.json', 'm/vocab.json')).toEqual({
    name: 'm',
    files: ['config.json', 'vocab.json'],
  });
});

it('says what is wrong with anything else', () => {
  expect(pick('a/model.safetensors')).toMatch(/no config\.json/);
  expect(pick('a/config.json', 'b/config.json')).toMatch(/2 models/);
  expect(pick()).toMatch(/no config\.json/);
});
