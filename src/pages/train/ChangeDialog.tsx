import { useState } from 'react';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { count } from '../../components/format';
import { peakRate } from '../../protocol/run-events';
import type { LiveRun } from '../../stores/liveRun';
import { useRunStore } from '../../stores/run';
import { CourseFields } from '../runs/CourseFields';

/** Changes rate and length of the run in progress. */
export function ChangeDialog({ onClose }: { readonly onClose: () => void }) {
  const live = useRunStore((state) => state.live);
  return live === null ? null : <Change live={live} onClose={onClose} />;
}

function Change({ live, onClose }: { readonly live: LiveRun; readonly onClose: () => void }) {
  const { recipe, events, metrics, totalSteps } = live;
  const [course, setCourse] = useState({ learningRate: peakRate(recipe.learningRate, events), totalSteps });
  const changeRun = useRunStore((state) => state.changeRun);
  const step = metrics.last('step') ?? 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Change rate or length"
      description={`${live.name} is at step ${count(step)}. What you change holds from the next step on, is noted with the run and marked on its charts.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            onClick={() => {
              onClose();
              void changeRun(course);
            }}
          >
            Change
          </Button>
        </>
      }
    >
      <CourseFields course={course} least={step + 1} onChange={setCourse} />
    </Dialog>
  );
}
