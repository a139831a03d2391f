import { z } from 'zod';
import { indexFile, weightsFile, type ModelFiles } from './files';

/**
 * Folders that people open as a model and that are something else. Each is told by files that only it has; what is said names the thing and
 * what to do about it.
 */

const openable =
  'Vernier opens CLIP, SigLIP and BLIP models in the layout of Transformers: config.json of model_type "clip", "siglip" or "blip", and model.safetensors.';

const adapterSchema = z.looseObject({ base_model_name_or_path: z.string().nullish(), peft_type: z.string().nullish() });
const modulesSchema = z.array(z.looseObject({ path: z.string(), type: z.string() }));

interface Kind {
  /** Names of which one is enough; `*.gguf` stands for any name with that ending. */
  readonly files: readonly string[];
  /** @param file the one of `files` that is there */
  describe(files: ModelFiles, file: string): string | Promise<string>;
}

/** What lies in a folder instead of a model that can be opened. The first that fits counts. */
const wholes: readonly Kind[] = [
  {
    files: ['adapter_config.json', 'adapter_model.safetensors', 'adapter_model.bin'],
    async describe(files) {
      const { base_model_name_or_path: base, peft_type: type } = await readJson(
        files,
        'adapter_config.json',
        adapterSchema,
        {},
      );
      const of = base ? ` of ${base}` : '';
      return `This is an adapter (${type ?? 'LoRA'}, adapter_config.json)${of}: it holds changes of a model and not the model. Merge it first with PEFT (PeftModel.from_pretrained(base, folder).merge_and_unload().save_pretrained(…)) and open what that saves, or open the model it was made for.`;
    },
  },
  {
    files: ['open_clip_config.json', 'open_clip_model.safetensors', 'open_clip_pytorch_model.bin'],
    describe: (_, file) =>
      `This is an OpenCLIP model (${file}), whose tensors have other names. Many OpenCLIP models lie on the hub in the layout of Transformers too, with config.json and model.safetensors: open one of those, or convert this one to CLIPModel of Transformers first.`,
  },
  {
    files: ['model_index.json'],
    describe: () =>
      `This is a pipeline of Diffusers (model_index.json) that makes pictures; of CLIP it holds the text tower alone. ${openable}`,
  },
  {
    files: ['modules.json', 'config_sentence_transformers.json'],
    async describe(files) {
      const modules = await readJson(files, 'modules.json', modulesSchema, []);
      const clip = modules.find(({ type, path }) => /CLIPModel/.test(type) && path !== '');
      return clip === undefined
        ? `This is a model of sentence-transformers (modules.json) that holds no CLIP. ${openable}`
        : `This is a model of sentence-transformers (modules.json). Its CLIP lies in the folder ${clip.path}: open that folder instead; a model of the hub has to be downloaded for it.`;
    },
  },
];

/** How weights lie in a folder that has none in safetensors form. Where names are not known, the general advice has to do. */
const weights: readonly Kind[] = [
  {
    files: ['pytorch_model.bin', 'pytorch_model.bin.index.json', '*.pt', '*.pth', '*.ckpt'],
    describe: (_, file) =>
      `The weights are there as ${file} only, a format that can hold programs and that Vernier does not read. Save the model again with Transformers (from_pretrained(folder) of the class that config.json names under "architectures", then save_pretrained(…)), which writes model.safetensors, or open a revision that has it, such as a converting pull request of the model on its hub (owner/name@refs/pr/15).`,
  },
  {
    files: ['*.onnx'],
    describe: (_, file) =>
      `The model is there as ONNX only (${file}), for running and not for training. Open the model it was converted from, with model.safetensors.`,
  },
  {
    files: ['*.gguf'],
    describe: (_, file) =>
      `The model is there as GGUF only (${file}), for running with llama.cpp and not for training. Open the model it was converted from, with model.safetensors.`,
  },
  {
    files: ['*.h5', '*.msgpack', '*.tflite'],
    describe: (_, file) =>
      `The weights are there as ${file} only. Vernier reads model.safetensors: load the model with Transformers 4 (from_tf=True or from_flax=True) and save it again.`,
  },
];

/**
 * What the files are instead of a CLIP model, in sentences for the user.
 *
 * @param lacking what was looked for in vain
 * @returns null where nothing is known of them
 */
export async function describeForeign(
  files: ModelFiles,
  lacking: 'configuration' | 'tokenizer' | 'weights',
): Promise<string | null> {
  const hasWeights = lacking !== 'weights' && (await firstOf(files, [weightsFile, indexFile])) !== null;
  // With a configuration and weights it is a CLIP model that lacks a tokenizer, whatever else lies beside them.
  if (hasWeights && lacking === 'tokenizer') return null;
  for (const kind of wholes) {
    const file = await firstOf(files, kind.files);
    if (file !== null) return kind.describe(files, file);
  }
  if (hasWeights || files.names === undefined) return null;
  for (const kind of weights) {
    const file = nameLike(files.names, kind.files);
    if (file !== undefined) return kind.describe(files, file);
  }
  const other = lacking === 'weights' ? nameLike(files.names, ['*.safetensors']) : undefined;
  return other === undefined
    ? null
    : `The weights seem to be ${other}. Vernier looks for ${weightsFile}, or for several files with ${indexFile}: rename it if it holds a CLIP, SigLIP or BLIP model of Transformers.`;
}

/** Whether a file of this name marks a folder as something other than a model that can be opened, by itself or by the form of its weights. */
export function marksForeign(name: string): boolean {
  return marksWhole(name) || weights.some(({ files }) => files.some((pattern) => fits(pattern, name)));
}

/** Whether a file of this name tells what a folder is as a whole, folders below it included. */
export function marksWhole(name: string): boolean {
  return wholes.some(({ files }) => files.some((pattern) => fits(pattern, name)));
}

async function firstOf(files: ModelFiles, wanted: readonly string[]): Promise<string | null> {
  if (files.names !== undefined) return nameLike(files.names, wanted) ?? null;
  for (const name of wanted) if ((await files.exists?.(name)) === true) return name;
  return null;
}

function nameLike(names: readonly string[], patterns: readonly string[]): string | undefined {
  return names.find((name) => patterns.some((pattern) => fits(pattern, name)));
}

function fits(pattern: string, name: string): boolean {
  return pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : pattern === name;
}

async function readJson<T extends z.ZodType>(
  files: ModelFiles,
  name: string,
  schema: T,
  otherwise: z.output<T>,
): Promise<z.output<T>> {
  try {
    const bytes = await files.read(name);
    return bytes === null ? otherwise : schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return otherwise;
  }
}
