import { useMemo, useState } from 'react';
import { Button } from '../../components/Button';
import { count } from '../../components/format';
import { Segmented } from '../../components/Segmented';
import type { Run } from '../../runs/types';
import { useDataStore } from '../../stores/data';
import { changeKinds, type ChangedSample, type ChangeKind, type Changes } from '../../tasks/changes';
import { ChangedCard } from './ChangedCard';
import { SampleDialog } from './SampleDialog';
import { changesInWords, kindLabel, kindMeaning } from './words';
import styles from './WhatChanged.module.css';

/** Samples shown at first, and with each “Show more”. */
const page = 9;

interface WhatChangedProps {
  readonly changes: Changes;
  readonly run: Run;
}

/** What training changed, sample by sample: fixed, broken and still wrong, the largest changes first. */
export function WhatChanged({ changes, run }: WhatChangedProps) {
  const [kind, setKind] = useState<ChangeKind>(() => firstKind(changes));
  const [shown, setShown] = useState(page);
  const [opened, setOpened] = useState<ChangedSample | null>(null);
  const images = useDataStore((state) => state.images);
  const records = useMemo(() => new Map(images.map((image) => [image.id, image])), [images]);
  const list = changes[kind];
  const choose = (next: ChangeKind): void => {
    setKind(next);
    setShown(page);
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
        {list.samples.slice(0, shown).map((sample, at) => (
          <ChangedCard
            key={`${sample.imageId} ${sample.asked ?? ''} ${at}`}
            sample={sample}
            record={records.get(sample.imageId)}
            onOpen={() => setOpened(sample)}
          />
        ))}
      </ul>
      {shown < list.samples.length && (
        <Button size="s" onClick={() => setShown(shown + 2 * page)}>
          Show more
        </Button>
      )}
      {shown >= list.samples.length && list.samples.length < list.count && (
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
