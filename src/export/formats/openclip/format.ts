import { parseClipConfig } from '../../../model/families/clip/config';
import type { ModelFiles } from '../../../model/files';
import { parseJsonFile } from '../../../model/json-file';
import { describeModel, type LoadedModel } from '../../../model/source';
import type { Archive } from '../../archive';
import { fileStem } from '../../build';
import { archivedText, checkCompanions, companionFiles, parsed } from '../../companions';
import { mismatch } from '../../errors';
import type { ExportFormat } from '../../format';
import { textFile } from '../../export-file';
import { hubName } from '../../front-matter';
import { modelCard } from '../../model-card';
import { usageSection } from '../../snippet';
import { readTensorFile, tensorFile } from '../../tensor-file';
import { trainingRecord } from '../../training-record';
import { configObstacle, openClipConfig, readOpenClipConfig } from './config';
import { usageSnippet } from './description';
import { openClipRules } from './names';
import { tokenizerConfig, tokenizerConfigFile } from './tokenizer';

/**
 * The layout of OpenCLIP. What it says beside the weights is made of the model's own files, and an export is good only if the model can be made
 * of it again.
 */

const configFile = 'open_clip_config.json';
const weightsFile = 'open_clip_model.safetensors';

/** Files of Transformers' layout that say what `open_clip_config.json` says here. */
const replaced: ReadonlySet<string> = new Set(['config.json', 'preprocessor_config.json', 'processor_config.json']);

/** A directory that OpenCLIP opens as `local-dir:`, and from a hub. */
export const openclip: ExportFormat = {
  card: () => ({
    library: 'open_clip',
    usage: usageSection(
      usageSnippet('.'),
      `\`"."\` is the folder that holds this file. Pictures are to be opened as above: OpenCLIP by itself ignores how a photo is to be turned, and drops transparency. Its tokenizer mends captions before it reads them: curly quotes become straight ones, HTML entities characters. To load the model from a hub (\`hf-hub:owner/name\`), write that name in the place of \`hf_tokenizer_name\` in \`${configFile}\`.`,
    ),
  }),
  obstacle({ family, modelClass, base, head }) {
    if (head !== undefined) return 'OpenCLIP has no place for a head. Choose the Hugging Face format.';
    if (family === 'siglip')
      return 'OpenCLIP builds the image tower of SigLIP with another library (timm), under other names. Choose the Hugging Face format.';
    const what =
      family === 'clip' && modelClass === 'CLIPModel'
        ? configObstacle(configOf(base), base.imageProcessing)
        : `It holds a whole CLIP, and this is a ${modelClass}.`;
    return what === null ? null : `${what} Choose the Hugging Face format.`;
  },
  carried: ({ base }) =>
    [...base.companions.keys()].filter((name) => !replaced.has(name) && name !== tokenizerConfigFile),
  *files({ model, options: { precision }, facts }) {
    const { base, tensors } = model;
    const tokenizer = hubName(facts.base.id) ?? fileStem(facts.name);
    const config = openClipConfig(configOf(base), base.imageProcessing, tokenizer);
    yield* companionFiles(base, facts.carried);
    yield textFile(tokenizerConfigFile, tokenizerConfig(base));
    yield textFile(configFile, `${JSON.stringify(config, null, 2)}\n`);
    yield textFile('README.md', modelCard(facts));
    yield textFile('training.json', trainingRecord(facts));
    yield tensorFile(weightsFile, openClipRules(tensors), model, precision);
  },
  async readBack(archive, { model, options: { precision }, facts }) {
    await checkCompanions(archive, model.base, facts.carried);
    if ((await archivedText(archive, tokenizerConfigFile)) !== tokenizerConfig(model.base))
      throw mismatch(`${tokenizerConfigFile} is not as the base model has it.`);
    const described = await describeModel(await asHuggingFace(archive));
    const rules = openClipRules(model.tensors);
    return { described, tensors: readTensorFile(archive, weightsFile, rules, model, precision) };
  },
};

function configOf({ companions }: LoadedModel) {
  return parseClipConfig(parseJsonFile(companions.get('config.json') ?? new TextEncoder().encode('{}'), 'config.json'));
}

/** The files beside the weights in Transformers' layout, made of what OpenCLIP is told. */
async function asHuggingFace(archive: Archive): Promise<ModelFiles> {
  const json = parsed(await archivedText(archive, configFile), configFile);
  const files = readConfig(json);
  const made: Readonly<Record<string, unknown>> = {
    'config.json': files.config,
    'preprocessor_config.json': files.preprocessor,
  };
  return {
    place: 'the export',
    async read(name) {
      if (Object.hasOwn(made, name)) return new TextEncoder().encode(JSON.stringify(made[name]));
      return (await archive.entry(name)?.read()) ?? null;
    },
  };
}

function readConfig(json: unknown): ReturnType<typeof readOpenClipConfig> {
  try {
    return readOpenClipConfig(json);
  } catch (cause) {
    throw mismatch(`${configFile} cannot be read.`, cause);
  }
}
