import { useState } from 'react';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Segmented } from '../../components/Segmented';
import type { SampleRecord } from '../../dataset/types';
import type { Run } from '../../runs/types';
import type { AttentionQuestion } from '../../stores/attention';
import { taskIdOf } from '../../tasks';
import type { ChangedSample } from '../../tasks/changes';
import { sidesOf } from '../playground/sides';
import { useThumbnail } from '../runs/Thumbnail';
import { taskViews } from '../tasks';
import { useOriginal } from '../useOriginal';
import { AttentionPair, type AskedSide } from './AttentionPair';
import { ExcludeButton, Said } from './ChangedCard';
import { Neighbours } from './Neighbours';
import styles from './SampleDialog.module.css';

interface SampleDialogProps {
  /** Null: closed. */
  readonly sample: ChangedSample | null;
  /** Its record, where its dataset is the one in use. */
  readonly record: SampleRecord | undefined;
  readonly run: Run;
  readonly onClose: () => void;
}

/** A sample closely: what both models said, where they look for it, and what lies next to it for each. */
export function SampleDialog({ sample, record, run, onClose }: SampleDialogProps) {
  return (
    <Dialog
      open={sample !== null}
      onClose={onClose}
      title={sample?.wanted ?? ''}
      size="large"
      footer={
        sample !== null && (
          <>
            {record !== undefined && <ExcludeButton record={record} />}
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          </>
        )
      }
    >
      {sample !== null && <Closely key={sample.imageId} sample={sample} record={record} run={run} />}
    </Dialog>
  );
}

interface CloselyProps {
  readonly sample: ChangedSample;
  readonly record: SampleRecord | undefined;
  readonly run: Run;
}

function Closely({ sample, record, run }: CloselyProps) {
  const { imageId, asked, wanted, base, tuned } = sample;
  const thumbnail = useThumbnail(imageId);
  const { question, writes = false } = taskViews[taskIdOf(run.recipe)];
  const words = [...new Set([wanted, tuned.said, base.said])].filter((text) => text !== '');
  const [about, setAbout] = useState(wanted);
  const sides = sidesOf(run, run.recipe.model).flatMap((side): readonly AskedSide[] => {
    const of = writes ? writtenBy(sample, side.id) : (question?.(run, side.id, about) ?? null);
    return of === null ? [] : [{ ...side, of }];
  });
  const called = (text: string): string => {
    const names = [
      text === wanted ? 'wanted' : null,
      text === tuned.said ? 'tuned said' : null,
      text === base.said ? 'base said' : null,
    ];
    return names.filter((name) => name !== null).join(', ');
  };
  const pair = (src: string | null) => (
    <AttentionPair picture={{ kind: 'stored', id: imageId }} src={src} alt={wanted} sides={sides} />
  );
  return (
    <div className={styles['closely']}>
      <div className={styles['said']}>
        {asked !== undefined && <p>{asked}</p>}
        <Said who="base" outcome={base} />
        <Said who="tuned" outcome={tuned} />
      </div>
      {sides.length > 0 && (
        <section aria-labelledby="where-they-look" className={styles['part']}>
          <header className={styles['head']}>
            <h3 id="where-they-look">Where they look</h3>
            {!writes && words.length > 1 && (
              <Segmented
                label="What they look for"
                value={about}
                onChange={setAbout}
                options={words.map((text) => ({ value: text, label: `${shortened(text)} · ${called(text)}` }))}
              />
            )}
          </header>
          {record === undefined ? pair(thumbnail) : <WithOriginal record={record}>{pair}</WithOriginal>}
        </section>
      )}
      {question !== undefined && <Neighbours run={run} imageId={imageId} />}
    </div>
  );
}

/** The words that a model wrote about a sample; null where it wrote none. */
function writtenBy({ asked, base, tuned }: ChangedSample, who: 'base' | 'tuned'): AttentionQuestion | null {
  const text = (who === 'base' ? base : tuned).said;
  return text === '' ? null : { kind: 'written', text, question: asked ?? null };
}

function WithOriginal({
  record,
  children,
}: {
  readonly record: SampleRecord;
  readonly children: (src: string | null) => React.ReactNode;
}) {
  return children(useOriginal(record));
}

function shortened(text: string): string {
  return text.length <= 22 ? text : `${text.slice(0, 21).trimEnd()}…`;
}
