import { FileDown } from 'lucide-react';
import { useId, useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Field } from '../../components/Field';
import { saveBlob } from '../../components/saveFile';
import { Switch } from '../../components/Switch';
import { useToast } from '../../components/toastContext';
import { messageOf } from '../../protocol/errors';
import { readMetrics } from '../../runs/store';
import type { Run } from '../../runs/types';
import { listSweeps } from '../../sweeps/store';
import styles from './SaveRun.module.css';

/** Saves all of a run but its weights as files for people and other programs. */
export function SaveRunButton({ run }: { readonly run: Run }) {
  const [asking, setAsking] = useState(false);
  const [examples, setExamples] = useState(true);
  const noteId = useId();
  const toast = useToast();
  const save = async (): Promise<void> => {
    setAsking(false);
    try {
      const { fileName, zip } = await archiveOf(run, examples);
      saveBlob(fileName, zip);
      toast({ text: `${fileName} holds the curves as CSV and for TensorBoard, the record, and a report to read.` });
    } catch (error) {
      toast({ tone: 'warn', text: `The run could not be saved: ${messageOf(error)}` });
    }
  };
  return (
    <>
      <IconButton label="Save curves and report" icon={<FileDown />} onClick={() => setAsking(true)} />
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Save curves and report"
        description="A zip with a report to read, the record as JSON, the curves as CSV and for TensorBoard, and a script that makes a run of Weights & Biases of it. The weights are exported by themselves."
        footer={
          <>
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button variant="primary" onClick={() => void save()}>
              Save
            </Button>
          </>
        }
      >
        <Field label="Examples in the report" inline>
          {({ id }) => <Switch id={id} aria-describedby={noteId} checked={examples} onChange={setExamples} />}
        </Field>
        <p id={noteId} className={styles['note']}>
          {examples
            ? 'The report shows a few samples with their pictures and words: do not pass it on to whom these are not for.'
            : 'The files tell numbers of your data, and its name, but none of its pictures and words.'}
        </p>
      </Dialog>
    </>
  );
}

async function archiveOf(run: Run, examples: boolean) {
  const [{ runArchive }, { examplePictures }, { thumbnailData }, { rows }, sweeps] = await Promise.all([
    import('../../export/run/archive'),
    import('../../export/run/examples'),
    import('../../stores/thumbnailData'),
    readMetrics(run.id),
    run.sweep ? listSweeps() : null,
  ]);
  return runArchive({
    run,
    rows,
    sweep: sweeps?.items.find(({ id }) => id === run.sweep?.id)?.name ?? null,
    examples: examples ? await thumbnailData(examplePictures(run)) : null,
  });
}
