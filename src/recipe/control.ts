import { z } from 'zod';
import { infoOf, optionLabel, shareRange } from './describe';
import { isPart, schemaOf, typesFor, type RecipeKey } from './fields';
import type { Recipe } from './schema';

/** How a field is edited, read off its schema. */
export type Control =
  | { readonly kind: 'choice'; readonly options: readonly { readonly value: string; readonly label: string }[] }
  | { readonly kind: 'switch' }
  /** A share of something, moved rather than typed. */
  | { readonly kind: 'share'; readonly min: number; readonly max: number }
  | {
      readonly kind: 'number';
      readonly min: number;
      readonly max: number;
      readonly integer: boolean;
      readonly scale: 'linear' | 'log' | 'binary';
    }
  | { readonly kind: 'text'; readonly lines: boolean }
  /** Not a field of the form: the model and the list of layers have pages of their own. */
  | { readonly kind: 'none' };

/** The control for a field. Shares are moved; numbers whose distance from 1 matters are better typed. */
export function controlOf(key: RecipeKey, recipe?: Recipe): Control {
  const schema = schemaOf(key, recipe).unwrap();
  if (isPart(key)) return choice(key, typesFor(key));
  if (schema instanceof z.ZodEnum) return choice(key, schema.options.map(String));
  if (schema instanceof z.ZodBoolean) return { kind: 'switch' };
  if (schema instanceof z.ZodNumber) {
    const min = schema.minValue ?? Number.NEGATIVE_INFINITY;
    const max = schema.maxValue ?? Number.POSITIVE_INFINITY;
    const integer = schema.isInt;
    const scale = infoOf(key).scale ?? 'linear';
    const share = shareRange(key);
    if (share !== null) return { kind: 'share', ...share };
    return { kind: 'number', min, max, integer, scale };
  }
  if (schema instanceof z.ZodString && key !== 'model') return { kind: 'text', lines: infoOf(key).lines === true };
  return { kind: 'none' };
}

function choice(key: RecipeKey, values: readonly string[]): Control {
  return { kind: 'choice', options: values.map((value) => ({ value, label: optionLabel(key, value) })) };
}
