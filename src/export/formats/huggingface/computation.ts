import { modelInputs } from '../../../model/families/family';
import type { ExportedModel, HeadComputation, PresenceInput } from '../../model';
import type { OnnxBuilder } from '../../onnx/builder';
import { onnxFile, type StoredPlace } from '../../onnx/graph';
import type { OnnxValue } from '../../onnx/model';

/**
 * Towers and head as one computation of ONNX, with the inputs that Transformers' processors give, each where the head reads it: `pixel_values`,
 * `input_ids` and `attention_mask` (texts as long as the model reads them, or shorter where padding does not count). Where it reads both,
 * `picture_present` and `words_present` (0: missing) may be given too; left out, nothing is missing. What comes out is `logits`; what they mean
 * stands in the file's metadata, under the name of the file that says so too.
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
        if (told !== undefined) read[name] = given.presence(told, image);
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
    const all = this.pictures(side);
    return pixels === side ? all : this.onnx.slice(this.onnx.slice(all, 2, 0, pixels), 3, 0, pixels);
  }

  private pictures(side: number): string {
    return this.input({ name: 'pixel_values', type: 'float32', shape: ['batch', 3, side, side] });
  }

  /** Texts of any length; behind their end stands what is never looked at, except where padding counts. */
  ids(): string {
    const { onnx, tokens, padded } = this;
    const ids = this.input({ name: 'input_ids', type: 'int64', shape: ['batch', padded ? tokens : 'words'] });
    if (padded) return ids;
    const length = onnx.add('Shape', [ids], { start: { int: 1 }, end: { int: 2 } });
    const room = onnx.add('Sub', [onnx.int64([tokens]), length]);
    return onnx.add('Pad', [ids, onnx.add('Concat', [onnx.int64([0, 0, 0]), room], { axis: { int: 0 } })]);
  }

  /** Of each text, the last token that counts. */
  lastToken(): string {
    return this.onnx.add('Sub', [this.textLength(), this.onnx.int64([1])]);
  }

  /** Pictures are an input wherever something may be missing, and tell how many samples there are. */
  presence({ of, what, tokens }: PresenceInput, { side }: { readonly side: number }): string {
    const { onnx } = this;
    const samples = onnx.add('Shape', [this.pictures(side)], { start: { int: 0 }, end: { int: 1 } });
    const present = onnx.add('Expand', [this.input(onnx.defaultOf(`${of}_present`, [1])), samples]);
    if (what === 'present') return present;
    const whole = of === 'words' ? this.textLength() : onnx.int64([tokens]);
    // A vector stands in the place of all tokens of what is missing, and the first of them is enough.
    const length = onnx.add('Where', [onnx.cast(present, 'bool'), whole, onnx.int64([1])]);
    return what === 'length' ? length : onnx.add('Sub', [length, onnx.int64([1])]);
  }

  private textLength(): string {
    const { onnx, tokens, padded } = this;
    if (padded) return onnx.int64([tokens]);
    const mask = this.input({ name: 'attention_mask', type: 'int64', shape: ['batch', 'words'] });
    return onnx.add('ReduceSum', [mask, onnx.int64([1])], { keepdims: { int: 0 } });
  }

  private input(value: OnnxValue): string {
    this.values.set(value.name, value);
    return value.name;
  }
}
