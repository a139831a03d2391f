import { useEffect, useState } from 'react';
import { Button } from '../../components/Button';
import { FileDrop } from '../../components/FileDrop';
import { bytes, count } from '../../components/format';
import { Progress } from '../../components/Progress';
import { useDataStore } from '../../stores/data';
import { listSamples, type Sample } from '../../stores/samples';
import emojiStrip from './emoji-strip.webp';
import questionsStrip from './questions-strip.webp';
import shapesStrip from './shapes-strip.webp';
import styles from './FirstVisit.module.css';

/** The Data page as long as there is no dataset. While pictures are being added it shows how far that is, and no second import can begin. */

interface FirstVisitProps {
  readonly onDrop: (items: DataTransferItemList) => void;
  readonly onChoose: (files: FileList) => void;
  readonly onProblem: (message: string) => void;
}

/** The studio without pictures: a place to drop them, and the samples to begin with. */
export function FirstVisit({ onDrop, onChoose, onProblem }: FirstVisitProps) {
  const importing = useDataStore((state) => state.importing);
  const busy = importing !== null ? 'Pictures are being added. Wait for them, or cancel.' : null;
  return (
    <div className={styles['first']}>
      <header className={styles['intro']}>
        <h1>Teach a model your pictures</h1>
        <p>
          Add pictures with captions, choose what to train, and watch an image–text model learn on this computer.
          Nothing is uploaded.
        </p>
      </header>
      {importing !== null ? (
        <Progress task={importing.task} onCancel={importing.cancel} />
      ) : (
        <FileDrop title="Drop pictures with captions here" onDrop={onDrop} onChoose={onChoose}>
          Files, a folder or a zip. Captions may be text files beside the pictures, a CSV, TSV or JSONL list, or the
          names of the folders.
        </FileDrop>
      )}
      <Samples busy={busy} onProblem={onProblem} />
    </div>
  );
}

/** How each sample is shown, by its id. */
const shown: Readonly<Record<string, { readonly strip: string; readonly action: string }>> = {
  'fluent-emoji': { strip: emojiStrip, action: 'Use the sample' },
  shapes: { strip: shapesStrip, action: 'Use the shapes' },
  questions: { strip: questionsStrip, action: 'Use the questions' },
};

interface SamplesProps {
  readonly busy: string | null;
  readonly onProblem: (message: string) => void;
}

/** The datasets that ship with the studio. */
function Samples({ busy, onProblem }: SamplesProps) {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    listSamples(controller.signal).then(setSamples, (error: unknown) => {
      if (!controller.signal.aborted) onProblem(error instanceof Error ? error.message : String(error));
    });
    return () => controller.abort();
  }, [onProblem]);
  return (
    <section className={styles['samples']} aria-labelledby="samples">
      <h2 id="samples">Or begin with a sample</h2>
      <ul className={styles['list']}>
        {samples.map((sample) => (
          <li key={sample.id} className={styles['sample']}>
            <img className={styles['strip']} src={shown[sample.id]?.strip} alt="" />
            <h3>{sample.name}</h3>
            <p className={styles['text']}>{sample.description}</p>
            <div className={styles['foot']}>
              <Button
                variant={sample.file === null ? 'secondary' : 'primary'}
                disabledReason={busy}
                onClick={() => void useDataStore.getState().importSample(sample)}
              >
                {shown[sample.id]?.action ?? 'Use the sample'}
              </Button>
              <small>
                {count(sample.count)} pictures
                {sample.bytes > 0 ? ` · ${bytes(sample.bytes)} · ${sample.licence}` : ' · made on the spot'}
              </small>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
