import { useEffect, useState } from 'react';
import { Button } from '../../components/Button';
import { FileDrop } from '../../components/FileDrop';
import { bytes, count } from '../../components/format';
import { Progress } from '../../components/Progress';
import { useDataStore } from '../../stores/data';
import { listSamples, type Sample } from '../../stores/samples';
import captionsStrip from './captions-strip.webp';
import categoriesStrip from './categories-strip.webp';
import countsStrip from './counts-strip.webp';
import emojiStrip from './emoji-strip.webp';
import questionsStrip from './questions-strip.webp';
import reviewsStrip from './reviews-strip.webp';
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
          names of the folders. Lists may hold labels, numbers or questions, too.
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
  'emoji-categories': { strip: categoriesStrip, action: 'Use the categories' },
  reviews: { strip: reviewsStrip, action: 'Use the reviews' },
  counts: { strip: countsStrip, action: 'Use the counts' },
  'emoji-captions': { strip: captionsStrip, action: 'Use the captions' },
  questions: { strip: questionsStrip, action: 'Use the questions' },
};

/** The samples by what they are for. */
const kinds: readonly { readonly title: string; readonly tasks: readonly string[] }[] = [
  { title: 'Match pictures and words', tasks: ['contrastive'] },
  { title: 'Classify and predict numbers', tasks: ['classification', 'regression'] },
  { title: 'Caption and answer', tasks: ['captioning', 'answering'] },
];

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
      <h2 id="samples">Or begin with a sample, set up so that training is the next press</h2>
      {kinds.map(({ title, tasks }) => {
        const own = samples.filter(({ recipe }) => tasks.includes(recipe.task));
        return (
          own.length > 0 && (
            <div key={title} className={styles['kind']}>
              <h3>{title}</h3>
              <ul className={styles['list']}>
                {own.map((sample) => (
                  <SampleCard key={sample.id} sample={sample} first={sample === samples[0]} busy={busy} />
                ))}
              </ul>
            </div>
          )
        );
      })}
    </section>
  );
}

interface SampleCardProps {
  readonly sample: Sample;
  /** The one that is begun with if nothing speaks for another. */
  readonly first: boolean;
  readonly busy: string | null;
}

function SampleCard({ sample, first, busy }: SampleCardProps) {
  return (
    <li className={styles['sample']}>
      <img className={styles['strip']} src={shown[sample.id]?.strip} alt="" />
      <h4>{sample.name}</h4>
      <p className={styles['text']}>{sample.description}</p>
      <div className={styles['foot']}>
        <Button
          variant={first ? 'primary' : 'secondary'}
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
  );
}
