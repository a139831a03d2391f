import { openModel, type LoadedModel } from '../model/source';
import { openZip } from '../dataset/zip';
import type { ModelFiles } from '../model/files';
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
    return await openModel(files);
  } finally {
    await opened.close();
  }
}
