import { modelInputs } from '../../../model/families/family';
import type { ExportedModel, HeadComputation, PresenceInput } from '../../model';
import type { OnnxBuilder } from '../../onnx/builder';
import { onnxFile, type StoredPlace } from '../../onnx/graph';
import type { OnnxValue } from '../../onnx/model';

/**
 * Towers and head as one computation of ONNX, with the inputs that Transformers' processors give: `pixel_values`, `input_ids` and `attention_mask`
 * (texts padded to the model's longest), each where the head reads it; and `picture_present`, `words_present` (0: missing) where it reads both. What
 * comes out is `logits`; what they mean stands in the file's metadata, under the name of the file that says so too.
 *
 * @param places where tensors lie, by their names
 */
export function onnxOf(
  { base }: Pick<ExportedModel, 'base'>,
  { graph, presence, constants, metadata }: HeadComputation,
  places: ReadonlyMap<string, StoredPlace>,
): Uint8Array<ArrayBuffer> {
  const { image, text, family } = base.architecture;
  const asked = new Set(graph.values.flatMap(({ kind, name }) => (kind === 'input' ? [name] : [])));
  return onnxFile({
    name: 'model',
    graph,
    batch: 2,
    tensors({ name }) {
      const found = places.get(name) ?? constants.get(name);
      if (found === undefined) throw new Error(`The tensor "${name}" is in no file.`);
      return found;
    },
    inputs(onnx) {
      const given = new Inputs(onnx, text.maxTokens, family.tokenizer.padded);
      const read: Record<string, string> = {};
      for (const name of asked) {
        const told = presence[name];
        if (told !== undefined) read[name] = given.presence(told);
        else if (name === modelInputs.pixels) read[name] = given.pixels(image);
        else if (name === modelInputs.inputIds) read[name] = given.ids();
        else if (name === modelInputs.poolIndex) read[name] = given.lastToken();
      }
      return { given: [...given.values.values()], read };
    },
    outputs: ['logits'],
    metadata,
  });
}

/** Inputs of the file, each there once it is asked for. */
class Inputs {
  readonly values = new Map<string, OnnxValue>();

  constructor(
    private readonly onnx: OnnxBuilder,
    private readonly tokens: number,
    /** Whether padding counts, as in SigLIP: then all texts are equally long. */
    private readonly padded: boolean,
  ) {}

  /** The part of pictures that whole patches cover. */
  pixels({ side, pixels }: { readonly side: number; readonly pixels: number }): string {
    const all = this.input({ name: 'pixel_values', type: 'float32', shape: ['batch', 3, side, side] });
    return pixels === side ? all : this.onnx.slice(this.onnx.slice(all, 2, 0, pixels), 3, 0, pixels);
  }

  ids(): string {
    return this.input({ name: 'input_ids', type: 'int64', shape: ['batch', this.tokens] });
  }

  /** Of each text, the last token that counts. */
  lastToken(): string {
    return this.onnx.add('Sub', [this.textLength(), this.onnx.int64([1])]);
  }

  presence({ of, what, tokens }: PresenceInput): string {
    const present = this.input({ name: `${of}_present`, type: 'int64', shape: ['batch'] });
    if (what === 'present') return present;
    const { onnx } = this;
    const whole = of === 'words' ? this.textLength() : onnx.int64([tokens]);
    // A vector stands in the place of all tokens of what is missing, and the first of them is enough.
    const length = onnx.add('Where', [onnx.cast(present, 'bool'), whole, onnx.int64([1])]);
    return what === 'length' ? length : onnx.add('Sub', [length, onnx.int64([1])]);
  }

  private textLength(): string {
    const { onnx, tokens, padded } = this;
    if (padded) return onnx.int64([tokens]);
    const mask = this.input({ name: 'attention_mask', type: 'int64', shape: ['batch', tokens] });
    return onnx.add('ReduceSum', [mask, onnx.int64([1])], { keepdims: { int: 0 } });
  }

  private input(value: OnnxValue): string {
    this.values.set(value.name, value);
    return value.name;
  }
}
