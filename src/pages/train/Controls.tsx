import { MoreHorizontal } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { ConfirmDialog } from '../../components/Dialog';
import { Menu, type MenuItem } from '../../components/Menu';
import type { LiveRun } from '../../stores/liveRun';
import { askToNotify, useManners } from '../../stores/manners';
import { useRunStore, type Control } from '../../stores/run';
import { ChangeDialog } from './ChangeDialog';

/** What one can do with the run in progress. */

const busyWith: Record<Control, string> = {
  pause: 'Pausing after the step in flight.',
  resume: 'Going on.',
  stop: 'Stopping after the step in flight.',
  evaluateNow: 'An evaluation is on its way.',
  cancelEvaluation: 'The evaluation is being ended.',
  checkpointNow: 'A checkpoint is on its way.',
  changeRun: 'Changing after the step in flight.',
};

export function Controls({ live, asked }: { readonly live: LiveRun; readonly asked: Control | null }) {
  const { pause, resume, stop, evaluateNow, cancelEvaluation } = useRunStore.getState();
  const { phase } = live;
  const busy = asked === null ? null : busyWith[asked];
  const early = phase === 'preparing' || phase === 'warming-up' ? 'Training has not begun yet.' : null;
  const finishing = phase === 'finishing' ? 'The run is ending.' : null;
  const measuringStep = phase === 'evaluating' && live.metrics.length > 0;
  const measuringBase = phase === 'evaluating' && !measuringStep ? 'The base model is being measured.' : null;
  return (
    <>
      {measuringStep ? (
        <Button disabledReason={busy} onClick={() => void cancelEvaluation()}>
          Cancel evaluation
        </Button>
      ) : (
        <Button disabledReason={busy ?? early ?? finishing ?? measuringBase} onClick={() => void evaluateNow()}>
          Evaluate now
        </Button>
      )}
      {live.paused ? (
        <Button disabledReason={busy} onClick={() => void resume()}>
          Resume
        </Button>
      ) : (
        <Button disabledReason={busy ?? early ?? finishing} onClick={() => void pause()}>
          Pause
        </Button>
      )}
      {/* No primary button: this one lies where Train has just been pressed. */}
      <Button disabledReason={asked === 'stop' ? busyWith.stop : finishing} onClick={() => void stop()}>
        {stopLabel(live)}
      </Button>
      <More live={live} blocked={busy ?? early ?? finishing} />
    </>
  );
}

/** During an evaluation a stop ends that too. */
function stopLabel({ phase, metrics, evaluations, recipe }: LiveRun): string {
  if (phase === 'evaluating' && metrics.length > 0) return 'Stop now';
  if (evaluations.length === 0) return 'Stop';
  return recipe.restoreBest ? 'Stop and keep best' : 'Stop and keep last';
}

interface MoreProps {
  readonly live: LiveRun;
  /** Why nothing can be asked of the run just now; null where it can. */
  readonly blocked: string | null;
}

/** What is wanted less often. */
function More({ live, blocked }: MoreProps) {
  const [open, setOpen] = useState<'change' | 'discard' | null>(null);
  const { gentle, notify, change } = useManners();
  const { stop, discard, checkpointNow } = useRunStore.getState();
  const keepsBest = live.recipe.restoreBest && live.evaluations.length > 0;
  const items: readonly MenuItem[] = [
    {
      label: 'Change rate or length',
      hint: 'From the next step on, drawn on the charts',
      disabledReason: blocked,
      onSelect: () => setOpen('change'),
    },
    {
      label: 'Keep a checkpoint now',
      disabledReason: blocked,
      onSelect: () => void checkpointNow(),
    },
    {
      label: 'Be gentle to this machine',
      hint: 'Leaves it idle half of the time',
      checked: gentle,
      onSelect: () => change({ gentle: !gentle }),
    },
    {
      label: 'Tell me when a run ends',
      hint: 'By a notification, if this page is not seen',
      checked: notify,
      onSelect: () => void (notify ? change({ notify: false }) : askToNotify()),
    },
    ...(keepsBest
      ? [
          {
            label: 'Stop and keep the last weights',
            hint: 'In the place of the best',
            separated: true,
            disabledReason: blocked,
            onSelect: () => void stop('last'),
          },
        ]
      : []),
    {
      label: 'Stop and discard',
      hint: 'Deletes the run',
      danger: true,
      separated: !keepsBest,
      disabledReason: blocked,
      onSelect: () => setOpen('discard'),
    },
  ];
  const close = (): void => setOpen(null);
  return (
    <>
      <Menu trigger={<IconButton label="More about this run" icon={<MoreHorizontal />} />} items={items} />
      {open === 'change' && <ChangeDialog live={live} onClose={close} />}
      <ConfirmDialog
        open={open === 'discard'}
        onClose={close}
        title={`Discard ${live.name}?`}
        confirm="Stop and discard"
        danger
        onConfirm={() => void discard()}
      >
        It is stopped, and its curves, checkpoints and weights are removed for good.
      </ConfirmDialog>
    </>
  );
}
