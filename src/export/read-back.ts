import { openModel, type LoadedModel } from '../model/source';
import { openZip } from '../dataset/zip';
import type { ModelFiles } from '../model/files';
import { numberComplaints } from './config-numbers';
import { ExportError } from './weights';

/**
 * Opens an export the way a stranger would: unpacked from the zip, through the same reader that opens any model. What it computes must equal
 * what was trained.
 * @throws ExportError `mismatch` when the zip cannot be read; ModelError when its model cannot
 */
export async function readExport(zip: Blob): Promise<LoadedModel> {
  const folder = 'export';
  // The limits of dropped zips are for strangers' files; weights may be larger.
  const limits = { entries: 100, entryBytes: 16e9, totalBytes: 16e9, ratio: Number.POSITIVE_INFINITY };
  const opened = await openZip(`${folder}.zip`, zip, limits);
  try {
    const [refused] = opened.rejected;
    if (refused !== undefined) throw new ExportError('mismatch', `The export cannot be read back: ${refused.reason}`);
    const entries = new Map(opened.files.map((file) => [file.path.slice(folder.length + 1), file]));
    const files: ModelFiles = {
      place: 'the export',
      read: async (name) => (await entries.get(name)?.read()) ?? null,
    };
    await checkConfig(files);
    return await openModel(files);
  } finally {
    await opened.close();
  }
}

/** Transformers refuses a configuration whose numbers have another type than it declares; the reader of `openModel` is not that strict. */
async function checkConfig(files: ModelFiles): Promise<void> {
  const bytes = await files.read('config.json');
  const [complaint] = bytes === null ? [] : numberComplaints(new TextDecoder().decode(bytes));
  if (complaint === undefined) return;
  throw new ExportError(
    'mismatch',
    `The export would not load in Transformers: in config.json, ${complaint}. Mend the config.json of the base model and open it again.`,
  );
}
