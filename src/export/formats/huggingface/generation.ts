import { textFile, type ExportFile } from '../../export-file';
import type { ExportedModel } from '../../model';

const generationFile = 'generation_config.json';

/** What `generate` of Transformers assumes of a model that writes words, where its base has no such file. */
export function* generationFiles({ base }: ExportedModel): Generator<ExportFile> {
  const { architecture, companions } = base;
  if (architecture.kind !== 'generator' || companions.has(generationFile)) return;
  const { begin, end, pad } = architecture.special;
  const settings = { bos_token_id: begin, decoder_start_token_id: begin, eos_token_id: end, pad_token_id: pad };
  yield textFile(generationFile, `${JSON.stringify(settings, null, 2)}\n`);
}
