import { describe, expect, it } from 'vitest';
import { exportedConfig } from './config';
import { numberComplaints } from './config-numbers';

const exported = (text: string, config: Readonly<Record<string, unknown>> = {}): string =>
  exportedConfig(new TextEncoder().encode(text), { modelClass: 'CLIPModel', config }, 'float32');

/** As Transformers saves it, with spellings that `JSON.parse` and `JSON.stringify` would lose. */
const saved = `{
  "architectures": [
    "CLIPModel"
  ],
  "dtype": "float32",
  "initializer_factor": 1.0,
  "logit_scale_init_value": 2.6592,
  "model_type": "clip",
  "note": "caf\\u00e9 \\/ \\ud83e\\udd8a",
  "odd": [-0.0, 1E+2, 1e-05, 12345678901234567890, 0.10000000000000000555, 2.50],
  "projection_dim": 64,
  "text_config": {"initializer_factor": 1.0, "layer_norm_eps": 1e-05, "attention_dropout": 0.0, "hidden_size": 64},
  "vision_config": {
    "initializer_range": 2e-2,
    "image_size": 28
  }
}
`;

describe('exportedConfig', () => {
  it('leaves a configuration that needs no change as it is, byte for byte', () => {
    expect(exported(saved)).toBe(saved);
  });

  it('changes the precision and nothing else', () => {
    const half = saved
      .replace('"float32"', '"float16"')
      .replace('"hidden_size"', '"torch_dtype":"float16", "hidden_size"');
    expect(exported(half)).toBe(saved.replace('"hidden_size"', '"torch_dtype":"float32", "hidden_size"'));
  });

  it('names precision and class where the base names none, and leaves out paths', () => {
    const bare =
      '{\n  "_name_or_path": "/home/a/model",\n  "model_type": "clip",\n  "vision_config": {"_name_or_path": "", "hidden_size": 64}\n}';
    expect(exported(bare)).toBe(
      '{\n  "model_type": "clip",\n  "vision_config": {\n    "hidden_size": 64\n  },\n  "architectures": [\n    "CLIPModel"\n  ],\n  "dtype": "float32"\n}\n',
    );
    expect(exported('{"_name_or_path":"x"}')).toMatch(
      /^\{\s*"architectures": \[\s*"CLIPModel"\s*\],\s*"dtype": "float32"\s*\}\n$/,
    );
    expect(exported('{"text_config":null,"vision_config":[]}')).toMatch(
      /"text_config": ?null,\s*"vision_config": ?\[\],/,
    );
  });

  it('writes floats and integers in the type that Transformers asks for, in every nested configuration', () => {
    const tower = (one: string, size: string): string =>
      `{"initializer_factor": ${one}, "initializer_range": ${one}, "layer_norm_eps": ${one}, "attention_dropout": -0, "dropout": 0, "hidden_size": ${size}, "image_size": [${size}, ${size}], "label2id": {"LABEL_0": ${size}}, "eos_token_id": null, "length_penalty": 1}`;
    const right = (one: string, size: string): string =>
      tower(one, size).replace('-0,', '-0.0,').replace('"dropout": 0,', '"dropout": 0.0,');
    const config = (top: string, towers: string): string =>
      `{"architectures": ["CLIPModel"], "dtype": "float32", "logit_scale_init_value": ${top}, "initializer_factor": ${top}, ` +
      `"text_config": ${towers}, "vision_config": ${towers}, "text_config_dict": ${towers}, "vision_config_dict": ${towers}}\n`;
    const careless = config('1', tower('1', '512.0'));
    const careful = config('1.0', right('1.0', '512'));
    expect(exported(careless)).toBe(careful);
    expect(exported(careful)).toBe(careful);
    expect(exported('{"vocab_size": 4.9408e4, "hidden_size": 1e20, "initializer_factor": 1e0}')).toMatch(
      /"vocab_size": 49408,\s+"hidden_size": 1e20,\s+"initializer_factor": 1e0,/,
    );
  });

  it('adds what a model says of itself besides its base, and no more', () => {
    const labels = { id2label: { '0': 'cat' }, num_labels: 1 };
    expect(JSON.parse(exported(saved, labels))).toEqual({ ...(JSON.parse(saved) as object), ...labels });
    const head = { modelClass: 'CLIPForImageClassification', config: {} };
    expect(JSON.parse(exportedConfig(new TextEncoder().encode(saved), head, 'float32'))).toMatchObject({
      architectures: ['CLIPForImageClassification'],
      model_type: 'clip',
    });
  });

  it('takes a key that occurs twice for what it is', () => {
    expect(
      exported('{"architectures": ["CLIPModel"], "dtype": "float16", "dtype": "float16", "initializer_factor": 1}'),
    ).toBe('{"architectures": ["CLIPModel"], "dtype": "float32", "dtype": "float32", "initializer_factor": 1.0}\n');
  });
});

describe('numberComplaints', () => {
  it('finds every number that Transformers would refuse', () => {
    expect(numberComplaints(saved)).toEqual([]);
    expect(
      numberComplaints(
        '{"initializer_factor": 1, "projection_dim": 64.0, "pad_token_id": null, "text_config_dict": {"layer_norm_eps": "1e-5", "image_size": [28, 2.8e1]}}',
      ),
    ).toEqual([
      '"initializer_factor" is 1 where a float belongs',
      '"projection_dim" is 64.0 where an integer belongs',
      '"text_config_dict.layer_norm_eps" is "1e-5" where a float belongs',
      '"text_config_dict.image_size" is 2.8e1 where an integer belongs',
    ]);
  });
});
