import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { count } from '../../components/format';
import { Segmented } from '../../components/Segmented';
import { peakRate } from '../../protocol/run-events';
import type { Run } from '../../runs/types';
import { useRunStore } from '../../stores/run';
import layout from '../layout.module.css';
import { CourseFields } from './CourseFields';

/** Trains on from the newest checkpoint of a run that is over, in the run itself or in a new one; nothing where there is none. */
export function TrainOn({ run }: { readonly run: Run }) {
  const [open, setOpen] = useState(false);
  const step = useRunStore(({ checkpoints }) => checkpoints.get(run.id) ?? null);
  const training = useRunStore(({ active }) => active !== null);
  if (step === null || run.state === 'running') return null;
  return (
    <>
      <Button disabledReason={training ? 'Another run is in progress.' : null} onClick={() => setOpen(true)}>
        Train on
      </Button>
      {open && <TrainOnDialog run={run} step={step} onClose={() => setOpen(false)} />}
    </>
  );
}

type Where = 'same' | 'new';

const places: readonly { readonly value: Where; readonly label: string }[] = [
  { value: 'same', label: 'Prolong this run' },
  { value: 'new', label: 'Begin a new run from here' },
];

interface TrainOnDialogProps {
  readonly run: Run;
  readonly step: number;
  readonly onClose: () => void;
}

function TrainOnDialog({ run, step, onClose }: TrainOnDialogProps) {
  const [, navigate] = useLocation();
  const { goOn, branch } = useRunStore.getState();
  const over = step >= run.totalSteps;
  const rate = peakRate(run.recipe.learningRate, run.events);
  const [where, setWhere] = useState<Where>('same');
  const [course, setCourse] = useState({
    learningRate: rate,
    totalSteps: over ? step + Math.max(1, Math.ceil(step / 2)) : run.totalSteps,
  });
  const begin = (): void => {
    onClose();
    navigate('/train');
    void (where === 'same' ? goOn(run.id, course) : branch(run.id, course));
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Train on from step ${count(step)}`}
      description={
        over
          ? 'Its learning rate has come to the end of its curve, so the curve begins once more, behind the warm-up.'
          : 'What is left of its learning-rate curve is stretched over the steps that are left.'
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" onClick={begin}>
            Train on
          </Button>
        </>
      }
    >
      <div className={layout['stack']}>
        <Segmented label="In which run" value={where} options={places} onChange={setWhere} />
        <CourseFields course={course} least={step + 1} onChange={setCourse} />
        <p>
          {where === 'same'
            ? 'Its curves go on where they end. The weights that it keeps are replaced when better ones are found.'
            : `The new run begins as a copy of ${run.name}, which stays as it is.`}
        </p>
      </div>
    </Dialog>
  );
}
