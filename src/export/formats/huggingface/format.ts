import { describeModel } from '../../../model/source';
import { checkCompanions, companionFiles } from '../../companions';
import { mismatch } from '../../errors';
import { textFile, type ExportFormat } from '../../format';
import { modelCard } from '../../model-card';
import { usageSection } from '../../snippet';
import { plainRule, readTensorFile, tensorFile } from '../../tensor-file';
import { trainingRecord } from '../../training-record';
import { checkConfig, exportedConfig } from './config';
import { usageSnippet } from './description';

const configFile = 'config.json';
const weightsFile = 'model.safetensors';

/** One of these tells Transformers how pictures become numbers; where a base has neither, opening it has added the second. */
const imageProcessorFiles = ['processor_config.json', 'preprocessor_config.json'] as const;

/** A directory that `from_pretrained` of Transformers loads: the base's own files, and weights under its own names. */
export const huggingface: ExportFormat = {
  card: {
    library: 'transformers',
    usage: usageSection(
      usageSnippet('.'),
      '`"."` is the folder that holds this file. Pictures are to be opened as above: the processor by itself ignores how a photo is to be turned, and drops transparency.',
    ),
  },
  obstacle: () => null,
  carried: ({ base }) => [...base.companions.keys()].filter((name) => name !== configFile),
  *files({ model, options: { precision }, facts }) {
    const { base, tensors } = model;
    yield* companionFiles(base, facts.carried);
    yield textFile(configFile, exportedConfig(base.companions.get(configFile), model, precision));
    yield textFile('README.md', modelCard(facts));
    yield textFile('training.json', trainingRecord(facts));
    const rules = tensors.map((tensor) => plainRule(tensor.name, tensor));
    yield tensorFile(weightsFile, rules, model, precision);
  },
  async readBack(archive, { model, options: { precision }, facts }) {
    await checkCompanions(archive, model.base, facts.carried);
    await checkConfig(archive, configFile, model);
    if (imageProcessorFiles.every((name) => archive.entry(name) === null))
      throw mismatch(`it has neither ${imageProcessorFiles.join(' nor ')}.`);
    const described = await describeModel({
      place: 'the export',
      read: async (name) => (await archive.entry(name)?.read()) ?? null,
    });
    const rules = model.tensors.map((tensor) => plainRule(tensor.name, tensor));
    return { described, tensors: readTensorFile(archive, weightsFile, rules, model, precision) };
  },
};
