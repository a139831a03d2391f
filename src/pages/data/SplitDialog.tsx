import { useMemo, useState } from 'react';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Field } from '../../components/Field';
import { count, percent, plural } from '../../components/format';
import { NumberField } from '../../components/NumberField';
import { Slider } from '../../components/Slider';
import { Switch } from '../../components/Switch';
import { distinctCaptions } from '../../dataset/caption-groups';
import { columnsWithRole } from '../../dataset/columns';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import styles from './SplitDialog.module.css';

/** The form that splits a dataset again. The shares of the three parts add up to 1, and nothing changes before the last button. */

interface SplitDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly dataset: Dataset;
}

/** Divides a dataset again into pictures to learn from, to steer by and to judge by. */
export function SplitDialog({ open, onClose, dataset }: SplitDialogProps) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Change the split"
      description="Training learns from the first part, picks the best weights by the second, and never sees the third. The same seed gives the same split."
    >
      <SplitForm dataset={dataset} onClose={onClose} />
    </Dialog>
  );
}

/** No part may take more than this, so that most pictures are left to learn from. */
const maxShare = 0.45;

function SplitForm({ dataset, onClose }: Omit<SplitDialogProps, 'open'>) {
  const images = useDataStore((state) => state.images);
  const [validation, setValidation] = useState(dataset.split.validation);
  const [test, setTest] = useState(dataset.split.test);
  const [seed, setSeed] = useState(dataset.split.seed);
  const [byCaption, setByCaption] = useState(dataset.split.byCaption === true);
  const [byGroup, setByGroup] = useState(dataset.split.byGroup === true);
  const groups = columnsWithRole(dataset, 'group');
  const shared = useMemo(() => sharedCaptions(images), [images]);
  const train = 1 - validation - test;
  const about = (share: number) => `${percent(share, 0)} · about ${count(Math.round(share * images.length))}`;
  return (
    <div className={styles['form']}>
      <div className={styles['bar']} aria-hidden>
        <i style={{ flexGrow: train }} />
        <i style={{ flexGrow: validation }} />
        <i style={{ flexGrow: test }} />
      </div>
      <p className={styles['train']}>
        <span>Training</span>
        <span>{about(train)}</span>
      </p>
      <Field label="Validation">
        {({ labelId }) => (
          <Slider
            aria-labelledby={labelId}
            value={validation}
            onChange={setValidation}
            min={0}
            max={maxShare}
            step={0.01}
            text={about(validation)}
          />
        )}
      </Field>
      <Field label="Test">
        {({ labelId }) => (
          <Slider
            aria-labelledby={labelId}
            value={test}
            onChange={setTest}
            min={0}
            max={maxShare}
            step={0.01}
            text={about(test)}
          />
        )}
      </Field>
      <Field label="Seed">
        {({ id }) => <NumberField id={id} value={seed} onChange={setSeed} min={0} max={0xffff_ffff} integer />}
      </Field>
      <div>
        <Field
          inline
          label="Keep pictures with the same caption together"
          help="Then no caption of a test picture is trained on, and the test says how well new words are understood. Without it, known words look for new pictures."
        >
          {({ id, describedBy }) => (
            <Switch id={id} aria-describedby={describedBy} checked={byCaption} onChange={setByCaption} />
          )}
        </Field>
      </div>
      <p className={styles['shared']}>
        {shared === 0
          ? 'No two pictures share a caption, so it makes no difference now.'
          : `${plural(shared, 'picture shares its caption', 'pictures share their captions')} with others.`}
      </p>
      {groups.length > 0 && (
        <Field
          inline
          label="Keep groups together"
          help={`Then no picture of a group that is tested is trained on. Groups stand in ${groups.map(({ name }) => `“${name}”`).join(', ')}.`}
        >
          {({ id, describedBy }) => (
            <Switch id={id} aria-describedby={describedBy} checked={byGroup} onChange={setByGroup} />
          )}
        </Field>
      )}
      <div className={styles['buttons']}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="primary"
          onClick={() => {
            onClose();
            void useDataStore
              .getState()
              .resplit({ seed, validation, test, byCaption, byGroup: byGroup && groups.length > 0 });
          }}
        >
          Split again
        </Button>
      </div>
    </div>
  );
}

/** How many pictures carry a caption that another carries too. */
function sharedCaptions(images: readonly SampleRecord[]): number {
  const { keys, captionsOf } = distinctCaptions(images);
  const carriers = new Int32Array(keys.length);
  for (const own of captionsOf) for (const caption of own) carriers[caption]!++;
  return captionsOf.filter((own) => own.some((caption) => (carriers[caption] ?? 0) > 1)).length;
}
