import { z } from 'zod';
import type { Activation } from '../../../engine/ops/linear/node';
import { ModelError } from '../../errors';

/** What the families' `config.json` files have in common, with the defaults of Transformers' configuration classes for missing keys. */

/** A stack of pre-norm transformer blocks. */
export interface TowerConfig {
  /** Width of the residual stream. */
  readonly hiddenSize: number;
  /** Width of the hidden layer of the MLP. */
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: Exclude<Activation, 'none'>;
  readonly layerNormEpsilon: number;
  /** Dropout of attention weights while training, as the checkpoint asks for it; 0 in every published model. */
  readonly attentionDropout: number;
}

export interface VisionConfig extends TowerConfig {
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
}

/** Far above any published model, and few enough that listing the tensors of them all costs nothing. */
const mostLayers = 256;
const tooManyLayers = {
  error: ({ input }: { readonly input?: unknown }) => `is ${String(input)}; at most ${mostLayers} are supported`,
};

export const positive = z.number().int().positive();

/** Transformers' names of activations, and the engine's. */
const activations = {
  quick_gelu: 'quick_gelu',
  gelu: 'gelu',
  gelu_pytorch_tanh: 'gelu_tanh',
} as const satisfies Record<string, TowerConfig['activation']>;
type ActivationName = keyof typeof activations;
const activationNames = Object.keys(activations) as ActivationName[];

const activation = z.enum(activationNames, {
  error: (issue) =>
    `is ${JSON.stringify(issue.input)}; ${activationNames.map((name) => JSON.stringify(name)).join(', ')} are supported`,
});

/** Older Transformers wrote a side as a number, newer ones may write height and width. */
const side = z
  .union([positive, z.tuple([positive, positive])])
  .refine((value) => typeof value === 'number' || value[0] === value[1], 'must be square')
  .transform((value) => (typeof value === 'number' ? value : value[0]));

/** A missing or null key means the default. */
export function optional<T extends z.ZodType>(schema: T, value: z.output<T>) {
  return schema.nullish().transform((given) => given ?? value);
}

interface TowerDefaults {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly activation: ActivationName;
  readonly layerNormEpsilon: number;
}

/** The keys of a tower. */
export function towerShape(defaults: TowerDefaults) {
  return {
    hidden_size: optional(positive, defaults.hiddenSize),
    intermediate_size: optional(positive, defaults.intermediateSize),
    num_hidden_layers: optional(z.number().int().nonnegative().max(mostLayers, tooManyLayers), 12),
    num_attention_heads: optional(positive, defaults.heads),
    hidden_act: optional(activation, defaults.activation),
    layer_norm_eps: optional(z.number().positive(), defaults.layerNormEpsilon),
    attention_dropout: optional(z.number().min(0).lt(1), 0),
  };
}

/** The keys of a vision tower besides. */
export function pictureShape(patchSize: number, imageSize = 224) {
  return {
    num_channels: optional(z.literal(3, { error: 'must be 3 (red, green, blue)' }), 3),
    image_size: optional(side, imageSize),
    patch_size: optional(side, patchSize),
  };
}

export const headsDivideWidth = [
  (tower: { hidden_size: number; num_attention_heads: number }): boolean =>
    tower.hidden_size % tower.num_attention_heads === 0,
  'hidden_size must be a multiple of num_attention_heads',
] as const;

export const patchesFit = [
  (vision: { image_size: number; patch_size: number }): boolean => vision.image_size >= vision.patch_size,
  'patch_size must not exceed image_size',
] as const;

interface ParsedTower {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly hidden_act: ActivationName;
  readonly layer_norm_eps: number;
  readonly attention_dropout: number;
}

export function towerConfig(parsed: ParsedTower): TowerConfig {
  return {
    hiddenSize: parsed.hidden_size,
    intermediateSize: parsed.intermediate_size,
    layers: parsed.num_hidden_layers,
    heads: parsed.num_attention_heads,
    activation: activations[parsed.hidden_act],
    layerNormEpsilon: parsed.layer_norm_eps,
    attentionDropout: parsed.attention_dropout,
  };
}

/**
 * @param kind of configuration that it should be, for messages
 * @param at place of `json` in the file
 * @throws ModelError `invalid` with the place and the reason
 */
export function checkConfig<T extends z.ZodType>(
  schema: T,
  json: unknown,
  { kind, file, at = [] }: { readonly kind: string; readonly file: string; readonly at?: readonly string[] },
): z.output<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = [...at, ...(issue?.path ?? [])].join('.');
  const where = place === '' ? '' : ` at "${place}"`;
  const message = issue?.message ?? 'it cannot be read';
  throw new ModelError('invalid', `${file} is not a ${kind} configuration${where}: ${message}.`, { file });
}
