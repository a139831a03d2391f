import { z } from 'zod';

/** What can be chosen of an export, whatever its format. A format may have more, which its own schema says. */
export interface ExportOptions {
  readonly precision: ExportPrecision;
  /** Whether the model card shows samples in words. Absent where a format does not offer it: none. */
  readonly examples?: 'none' | 'some' | undefined;
}

export type ExportPrecision = 'float32' | 'float16';

/** What the page needs to know of an option beyond its values. */
interface OptionInfo {
  readonly label: string;
  /** What a value means, in a sentence; the second, where there is one, for the base model as it is. */
  readonly hints: Readonly<Record<string, readonly [tuned: string, base?: string]>>;
}

const optionInfo = z.registry<OptionInfo>();

/** One of several values, described. */
function choice<const Values extends readonly [string, ...string[]]>(values: Values, info: OptionInfo) {
  return z.enum(values).default(values[0]).register(optionInfo, info);
}

/** The type that weights are stored in. */
export const precisionOption = choice(['float32', 'float16'], {
  label: 'Precision',
  hints: {
    float32: ['Exactly what was trained.', 'The weights as they came.'],
    float16: ['Half the size; embeddings change in about the third digit.'],
  },
});

/** Whether words of the data go into the model card. */
export const examplesOption = choice(['none', 'some'], {
  label: 'Examples in the card',
  hints: {
    none: ['The model card tells about your data in numbers only.'],
    some: [
      'The model card shows a few test samples that were fixed and that were broken, in words: those captions leave this machine with it.',
      'Nothing was trained, so there are none to show.',
    ],
  },
});

/** An option as the page offers it. */
export interface OfferedOption extends OptionInfo {
  readonly key: string;
  readonly values: readonly string[];
}

/** The options of a format, in the order of its schema: all of them are choices. */
export function offeredOptions(schema: z.ZodObject): readonly OfferedOption[] {
  return Object.entries(schema.shape).map(([key, option]) => {
    const info = optionInfo.get(option);
    const values: unknown = option instanceof z.ZodDefault ? option.unwrap() : option;
    if (info === undefined || !(values instanceof z.ZodEnum))
      throw new Error(`The option "${key}" is no described choice.`);
    return { key, ...info, values: values.options.map(String) };
  });
}
