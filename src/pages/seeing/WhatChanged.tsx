import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button } from '../../components/Button';
import { count } from '../../components/format';
import { Segmented } from '../../components/Segmented';
import type { Run } from '../../runs/types';
import { useDataStore } from '../../stores/data';
import { kindLabel } from '../../tasks/change-label';
import { changeKinds, type ChangedSample, type ChangeKind, type Changes } from '../../tasks/changes';
import { ChangedCard } from './ChangedCard';
import { SampleDialog } from './SampleDialog';
import { changesInWords, kindMeaning } from './words';
import styles from './WhatChanged.module.css';

/** Samples shown at once: rows of two, three or four are full. */
const pageSize = 12;

interface WhatChangedProps {
  readonly changes: Changes;
  readonly run: Run;
}

/** What training changed, sample by sample: fixed, broken and still wrong, the largest changes first. */
export function WhatChanged({ changes, run }: WhatChangedProps) {
  const [kind, setKind] = useState<ChangeKind>(() => firstKind(changes));
  const [page, setPage] = useState(0);
  const [opened, setOpened] = useState<ChangedSample | null>(null);
  const images = useDataStore((state) => state.images);
  const records = useMemo(() => new Map(images.map((image) => [image.id, image])), [images]);
  const list = changes[kind];
  const pages = Math.max(1, Math.ceil(list.samples.length / pageSize));
  // Corrections in place can shorten the list.
  const current = Math.min(page, pages - 1);
  const from = current * pageSize;
  const shown = list.samples.slice(from, from + pageSize);
  const choose = (next: ChangeKind): void => {
    setKind(next);
    setPage(0);
  };
  return (
    <section className={styles['section']} aria-labelledby="what-changed">
      <header className={styles['head']}>
        <div>
          <h2 id="what-changed">What changed</h2>
          <p className={styles['summary']}>{changesInWords(changes)}.</p>
        </div>
        <Segmented
          label="Kind of change"
          value={kind}
          onChange={choose}
          options={changeKinds.map((each) => ({
            value: each,
            label: `${kindLabel(each, changes)} ${each === 'wrong' && !changes.decided ? '' : count(changes[each].count)}`,
          }))}
        />
      </header>
      <p className={styles['meaning']}>
        {list.count === 0 ? `None is ${kindLabel(kind, changes).toLowerCase()}.` : kindMeaning(kind, changes)}
      </p>
      <ul className={styles['grid']}>
        {shown.map((sample, at) => (
          <ChangedCard
            key={`${sample.imageId} ${sample.asked ?? ''} ${at}`}
            sample={sample}
            record={records.get(sample.imageId)}
            onOpen={() => setOpened(sample)}
          />
        ))}
      </ul>
      {pages > 1 && (
        <nav className={styles['pages']} aria-label="Pages of samples">
          <Button
            size="s"
            icon={<ChevronLeft aria-hidden />}
            disabledReason={current === 0 ? 'These are the first.' : null}
            onClick={() => setPage(current - 1)}
          >
            Previous
          </Button>
          <span role="status">
            {count(from + 1)}–{count(from + shown.length)} of {count(list.samples.length)}
          </span>
          <Button
            size="s"
            icon={<ChevronRight aria-hidden />}
            disabledReason={current === pages - 1 ? 'These are the last.' : null}
            onClick={() => setPage(current + 1)}
          >
            Next
          </Button>
        </nav>
      )}
      {current === pages - 1 && list.samples.length < list.count && (
        <p className={styles['meaning']}>
          The first {count(list.samples.length)} of {count(list.count)}. The Evaluate page shows all of them.
        </p>
      )}
      <SampleDialog
        sample={opened}
        record={opened === null ? undefined : records.get(opened.imageId)}
        run={run}
        onClose={() => setOpened(null)}
      />
    </section>
  );
}

function firstKind(changes: Changes): ChangeKind {
  return changeKinds.find((kind) => changes[kind].count > 0) ?? 'fixed';
}
