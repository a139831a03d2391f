import { packZip } from '../archive';
import { fileStem } from '../build';
import { textFile, type ExportFile } from '../export-file';
import type { RunContent } from './content';
import { runRecordJson } from './record';
import { htmlReport } from './report';
import { evaluationsTable, stepsTable } from './tables';
import { eventFile, eventFileName } from './tensorboard';
import { wandbScript } from './wandb';

/** A run, without its weights, as files for other programs in one zip. */
export async function runArchive(content: RunContent): Promise<{ readonly fileName: string; readonly zip: Blob }> {
  const { run } = content;
  const files: readonly ExportFile[] = [
    textFile('report.html', htmlReport(content)),
    textFile('run.json', runRecordJson(content)),
    textFile('steps.csv', stepsTable(content)),
    textFile('evaluations.csv', evaluationsTable(content)),
    { name: eventFileName(content), pieces: [eventFile(content)], compress: true },
    textFile('wandb_run.py', wandbScript),
  ];
  return { fileName: `${fileStem(run.name)}-run.zip`, zip: await packZip(files, run.createdAt) };
}
