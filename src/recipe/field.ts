import { z } from 'zod';

export type FieldGroup =
  'model' | 'task' | 'layers' | 'duration' | 'memory' | 'optimizer' | 'regularization' | 'augmentation' | 'evaluation';

/** What the form needs to know of a field beyond its type and range. */
export interface FieldInfo {
  readonly label: string;
  readonly group: FieldGroup;
  readonly help: string;
  /** Shown only behind "Advanced". */
  readonly advanced?: boolean;
  /** Steppers move in factors instead of differences: by the series 1, 2, 3, 5, 7, 10, or by two. */
  readonly scale?: 'log' | 'binary';
  readonly unit?: string;
  /** What 0 means, where that is something else than none of the unit: `automatic`. */
  readonly zero?: string;
  /** The same of 1. */
  readonly one?: string;
  /** A text of several lines. */
  readonly lines?: boolean;
}

/** Field descriptions by schema, so that the form is derived from the one schema. */
export const fieldInfo = z.registry<FieldInfo>();

/** A schema with its default and its description. */
export function field<Schema extends z.ZodType>(
  schema: Schema,
  fallback: z.infer<Schema>,
  info: FieldInfo,
): z.ZodDefault<Schema> {
  const described = schema.default(fallback as never);
  fieldInfo.add(described, info);
  return described;
}
