import { fuse } from '../../../model/fused';
import { describeModel } from '../../../model/source';
import { checkCompanions, companionFiles } from '../../companions';
import { mismatch } from '../../errors';
import type { ExportFormat } from '../../format';
import { textFile } from '../../export-file';
import type { ExportedModel } from '../../model';
import { modelCard } from '../../model-card';
import { usageSection } from '../../snippet';
import { readTensorFile, tensorFile, type TensorRule } from '../../tensor-file';
import { trainingRecord } from '../../training-record';
import { checkConfig, exportedConfig } from './config';
import { classifierSnippet, headSnippet, usageSnippet } from './description';
import { checkHead, headFiles } from './head/files';
import { generationFiles } from './generation';
import { checkComputation, computationFiles } from './onnx';
import { sentenceTransformersFiles } from './sentence-transformers';

/**
 * The layout of Transformers, written and read back. Files of the base go along as they are, but for its configuration; tensors have the names
 * that the model's class saves.
 */

const configFile = 'config.json';
const weightsFile = 'model.safetensors';

/** One of these tells Transformers how pictures become numbers; where a base has neither, opening it has added the second. */
const imageProcessorFiles = ['processor_config.json', 'preprocessor_config.json'] as const;

const note =
  '`"."` is the folder that holds this file. Pictures are to be opened as above: the processor by itself ignores how a photo is to be turned, and drops transparency.';

/** A directory that `from_pretrained` of Transformers loads: the base's own files, and weights under its own names. */
export const huggingface: ExportFormat = {
  card: ({ family, config = {}, head }, recipe) => ({
    library: 'transformers',
    usage: usageSection(
      head !== undefined
        ? headSnippet('.', family, recipe)
        : 'id2label' in config
          ? classifierSnippet('.', family, recipe)
          : usageSnippet('.', family, recipe),
      note,
    ),
  }),
  obstacle: () => null,
  carried: ({ base }) => [...base.companions.keys()].filter((name) => name !== configFile),
  *files({ model, options: { precision }, facts }) {
    const { base } = model;
    yield* companionFiles(base, facts.carried);
    yield textFile(configFile, exportedConfig(base.companions.get(configFile), model, precision));
    if (isWhole(model)) yield* sentenceTransformersFiles(model);
    yield* generationFiles(model);
    yield textFile('README.md', modelCard(facts));
    yield textFile('training.json', trainingRecord(facts));
    yield tensorFile(weightsFile, rulesOf(model), model, precision);
    yield* headFiles(model, precision);
    yield* computationFiles(model, { file: weightsFile, rules: rulesOf(model), precision });
  },
  async readBack(archive, { model, options: { precision }, facts }) {
    await checkCompanions(archive, model.base, facts.carried);
    await checkConfig(archive, configFile, model);
    if (imageProcessorFiles.every((name) => archive.entry(name) === null))
      throw mismatch(`it has neither ${imageProcessorFiles.join(' nor ')}.`);
    // The studio opens whole models. A classifier has the architecture of its base, and no other was found in its configuration.
    const described = await describeModel({
      place: 'the export',
      read: async (name) =>
        name === configFile && !isWhole(model)
          ? (model.base.companions.get(name) ?? null)
          : ((await archive.entry(name)?.read()) ?? null),
    });
    await checkHead(archive, model, precision);
    await checkComputation(archive, model, { file: weightsFile, rules: rulesOf(model), precision });
    return { described, tensors: readTensorFile(archive, weightsFile, rulesOf(model), model, precision) };
  },
};

function isWhole({ modelClass, base }: ExportedModel): boolean {
  return modelClass === base.architecture.modelClass;
}

/** The tensors as the model's class has them: some of several of the studio's. */
function rulesOf({ tensors, base }: ExportedModel): readonly TensorRule[] {
  return fuse(tensors, base.architecture.fused).map(({ name, shape, parts }) => ({
    name,
    shape,
    from: parts,
    transposed: false,
  }));
}
