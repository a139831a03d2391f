import { z } from 'zod';
import { ModelError } from '../errors';
import { blipFamily } from './blip/family';
import { clipFamily } from './clip/family';
import type { Architecture, ModelFamily } from './family';
import { siglipFamily } from './siglip/family';

/** Every family that the studio knows. */
export const families: readonly ModelFamily[] = [clipFamily, siglipFamily, blipFamily];

/** What people take for one of them, by `model_type`, and why it is none. */
const others: Readonly<Record<string, string>> = {
  siglip2: 'SigLIP 2 with pictures of any shape (NaFlex)',
  chinese_clip: 'Chinese-CLIP, with the text tower of BERT',
  altclip: 'AltCLIP, with the text tower of XLM-R',
  clipseg: 'CLIPSeg, which cuts out parts of pictures',
  'blip-2': 'BLIP-2, which writes captions by a language model of its own',
  instructblip: 'InstructBLIP, which answers by a language model of its own',
};

const typeSchema = z.looseObject({
  model_type: z.string().optional(),
  text_config: z.unknown().optional(),
  vision_config: z.unknown().optional(),
});

/**
 * Reads a parsed `config.json` in Transformers' layout.
 *
 * @param file its name, for messages
 * @throws ModelError `unsupported` for a model of no family, or a part of one; `invalid` for values that do not fit
 */
export function openArchitecture(json: unknown, file = 'config.json'): Architecture {
  const parsed = typeSchema.safeParse(json);
  if (!parsed.success) {
    throw new ModelError(
      'invalid',
      `${file} is not the configuration of a model: it is no JSON object with a model_type.`,
      {
        file,
      },
    );
  }
  const { model_type: named, text_config: text, vision_config: vision } = parsed.data;
  // The oldest files of CLIP leave the type out.
  const type = named ?? (text && vision ? clipFamily.modelType : 'unknown');
  const family = families.find(({ modelType }) => modelType === type);
  if (family === undefined) throw unsupportedType(type, file);
  return family.open(json, file);
}

function unsupportedType(type: string, file: string): ModelError {
  const whole = families.find(({ partTypes }) => partTypes.includes(type));
  const known = Object.hasOwn(others, type) ? ` (${others[type]})` : '';
  const what =
    whole === undefined
      ? `a model of type "${type.slice(0, 60)}"${known}`
      : `one tower of a ${whole.name} model ("${type}") without the other`;
  return new ModelError('unsupported', `${file} describes ${what}. ${advice()}`, { file });
}

/** What can be opened instead. */
function advice(): string {
  const kinds = families.map(
    ({ name, modelType, modelClasses }) => `${name} ("model_type": "${modelType}", ${modelClasses.join(' or ')})`,
  );
  return `Vernier reads complete models of these kinds and trains their two towers together: ${kinds.join(', ')}. Open one of those.`;
}
