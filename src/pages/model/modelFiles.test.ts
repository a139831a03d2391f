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

it('passes on what is known to be something else, so that opening it says what it is', () => {
  const adapter = { name: 'lora', files: ['adapter_config.json', 'adapter_model.safetensors'] };
  expect(pick('lora/adapter_config.json', 'lora/adapter_model.safetensors')).toEqual(adapter);
  expect(pick('sd/model_index.json', 'sd/text_encoder/config.json', 'sd/unet/config.json')).toMatchObject({
    name: 'sd',
    files: expect.arrayContaining(['model_index.json']) as string[],
  });
  expect(pick('m/clip-q4.gguf')).toEqual({ name: 'm', files: ['clip-q4.gguf'] });
  expect(pick('m/config.json', 'm/onnx/model_q4.onnx', 'm/onnx/config.json')).toEqual({
    name: 'm',
    files: ['config.json', 'model_q4.onnx'],
  });
});

it('takes the CLIP out of a folder of sentence-transformers', () => {
  const picked = pick('st/modules.json', 'st/0_CLIPModel/config.json', 'st/0_CLIPModel/model.safetensors');
  expect(picked).toEqual({ name: '0_CLIPModel', files: ['config.json', 'model.safetensors'] });
});
