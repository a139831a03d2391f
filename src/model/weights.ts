import { ModelError } from './errors';
import type { Architecture, ModelFamily } from './families/family';
import { indexFile, weightsFile, type ModelFiles } from './files';
import { checkpointTensors, splitTensor } from './fused';
import { parseJsonFile } from './json-file';
import { holdsWeights, parseShardIndex, readSafetensors, type StoredTensor } from './safetensors';

/**
 * The tensors that a model of this architecture computes with, under the names of its class in Transformers. Other tensors of the files are left alone,
 * whatever their type.
 *
 * @param note is told what had to be done to them, in sentences for the user
 * @returns null where there are no weights
 * @throws ModelError when one is missing, of another shape, or of a type without floating-point numbers
 */
export async function readWeights(
  files: ModelFiles,
  architecture: Architecture,
  note: (sentence: string) => void = () => undefined,
): Promise<ReadonlyMap<string, StoredTensor> | null> {
  const available = await readAll(files);
  if (available === null) return null;
  const wanted = new Map<string, StoredTensor>();
  const specs = checkpointTensors(architecture);
  const { family } = architecture;
  const twins = new Map(architecture.tied.map(({ name, twin }) => [name, twin]));
  const own = (name: string) => available.get(name) ?? available.get(family.prefix + name);
  const find = (name: string) => own(name) ?? own(twins.get(name) ?? name);
  checkTies(architecture, own);
  for (const { name, shape } of specs) {
    const found = find(name);
    if (found === undefined) {
      const holds = (tower: string) => specs.some((spec) => spec.name.startsWith(tower) && find(spec.name));
      const absent = architecture.kind === 'pair' ? towers.filter((tower) => !holds(tower)) : [];
      const [tower] = absent;
      const message =
        absent.length === 1 && tower !== undefined
          ? lacksTower(tower, family)
          : (otherNames(available, family) ??
            (architecture.kind === 'generator' ? lacksPart(name, available, family) : null) ??
            lacksTensor(name, family));
      throw new ModelError('missing', message, { file: weightsFile });
    }
    const { file } = found;
    const fitted = sameShape(found.tensor.shape, shape) ? null : (architecture.fit?.(found.tensor) ?? null);
    const tensor = fitted?.tensor ?? found.tensor;
    if (fitted !== null) note(fitted.note);
    if (!sameShape(tensor.shape, shape)) {
      throw new ModelError(
        'invalid',
        `"${name}" in ${file} is [${tensor.shape.join(', ')}], but config.json asks for [${shape.join(', ')}]. Check that both files belong together.`,
        { file },
      );
    }
    if (!holdsWeights(tensor)) {
      throw new ModelError(
        'unsupported',
        `${file} holds "${name}" as ${tensor.dtype}, which cannot be trained on. Save the model as F32, F16 or BF16, or open the model it was made smaller from.`,
        { file },
      );
    }
    for (const part of splitTensor({ ...tensor, name }, architecture)) wanted.set(part.name, part);
  }
  return wanted;
}

/** @throws ModelError `unsupported` where a tensor that computes in two places is there twice and not the same */
function checkTies({ tied }: Architecture, find: (name: string) => Found | undefined): void {
  for (const { name, twin } of tied) {
    const [one, other] = [find(name)?.tensor, find(twin)?.tensor];
    if (one === undefined || other === undefined || one.dtype !== other.dtype) continue;
    if (one.bytes.length === other.bytes.length && one.bytes.every((byte, at) => byte === other.bytes[at])) continue;
    throw new ModelError(
      'unsupported',
      `${weightsFile} holds "${name}" and "${twin}" with different values. In this model both are one tensor: save it again with Transformers, with tie_word_embeddings.`,
      { file: weightsFile },
    );
  }
}

/** Parts of generators that a file may lack as a whole. */
const generatorParts = [
  ['vision_model.', 'image tower'],
  ['text_encoder.', 'encoder of questions'],
  ['text_decoder.', 'decoder'],
] as const;

function lacksPart(name: string, available: ReadonlyMap<string, Found>, family: ModelFamily): string | null {
  const part = generatorParts.find(([start]) => name.startsWith(start));
  if (part === undefined) return null;
  const [start, what] = part;
  if ([...available.keys()].some((key) => key.startsWith(start) || key.startsWith(family.prefix + start))) return null;
  const classes = family.modelClasses.join(' or ');
  return `${weightsFile} holds no ${what}: none of its tensors begins with ${start}. Check that config.json names the class that the weights were saved from (architectures: ${classes}), or open the whole model that they were taken from.`;
}

const towers = ['vision_model.', 'text_model.'] as const;

interface Found {
  readonly tensor: StoredTensor;
  readonly file: string;
}

async function readAll(files: ModelFiles): Promise<ReadonlyMap<string, Found> | null> {
  const available = new Map<string, Found>();
  const single = await files.read(weightsFile);
  if (single !== null) {
    for (const [name, tensor] of readSafetensors(single, weightsFile))
      available.set(name, { tensor, file: weightsFile });
    return available;
  }
  const index = await files.read(indexFile);
  if (index === null) return null;
  const places = parseShardIndex(parseJsonFile(index, indexFile), indexFile);
  for (const shard of new Set(places.values())) {
    const bytes = await files.read(shard);
    if (bytes === null) {
      throw new ModelError('missing', `There is no ${shard} at ${files.place}, which ${indexFile} names. Add it.`, {
        file: shard,
      });
    }
    for (const [name, tensor] of readSafetensors(bytes, shard)) {
      // Where two files hold a tensor, the index tells which one counts.
      if (!available.has(name) || places.get(name) === shard) available.set(name, { tensor, file: shard });
    }
  }
  return available;
}

/** Whose names the tensors have where they are not those of the family's class; null where that cannot be told. */
function otherNames(available: ReadonlyMap<string, Found>, { modelClasses }: ModelFamily): string | null {
  const names = [...available.keys()];
  if (names.some((name) => /\.lora_|lora_(up|down)\./.test(name))) {
    return `${weightsFile} holds an adapter (LoRA): changes of a model and not the model. Merge it into its model first (PEFT, merge_and_unload) and open the result.`;
  }
  if (names.some((name) => name.startsWith('visual.') || name.includes('.resblocks.'))) {
    return `${weightsFile} names its tensors as OpenAI’s and OpenCLIP’s own code does. Convert the model to ${modelClasses.join(' or ')} of Transformers first, or open a copy in that layout.`;
  }
  return null;
}

function lacksTensor(name: string, family: ModelFamily): string {
  return `${weightsFile} lacks the tensor "${name}", which a ${family.name} model of this config.json needs. Check that both files belong together.`;
}

function lacksTower(start: string, { name }: ModelFamily): string {
  const tower = start === 'text_model.' ? 'text' : 'image';
  return `${weightsFile} holds no ${tower} tower: none of its tensors begins with ${start}. Vernier trains both towers of a ${name} together; open the whole model that this one was taken from.`;
}

/** Some checkpoints keep the logit scale as `[1]` instead of a scalar, or the other way round. */
function sameShape(stored: readonly number[], wanted: readonly number[]): boolean {
  if (wanted.every((extent) => extent === 1)) return stored.every((extent) => extent === 1);
  return stored.length === wanted.length && stored.every((extent, axis) => extent === wanted[axis]);
}
