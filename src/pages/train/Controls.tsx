import { MoreHorizontal } from 'lucide-react';
import { memo, useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { ConfirmDialog } from '../../components/Dialog';
import { Menu, type MenuItem } from '../../components/Menu';
import type { LiveRun } from '../../stores/liveRun';
import { askToNotify, useManners } from '../../stores/manners';
import { useRunStore, type Control } from '../../stores/run';
import { ChangeDialog } from './ChangeDialog';
import styles from './Controls.module.css';

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

interface Controlled extends Pick<LiveRun, 'name' | 'phase' | 'paused'> {
  /** The first step is through. */
  readonly begun: boolean;
  /** There is an evaluation to choose weights by. */
  readonly evaluated: boolean;
  readonly restoreBest: boolean;
}

/** What the controls of a run go by. */
export function controlledBy({ name, phase, paused, metrics, evaluations, recipe }: LiveRun): Controlled {
  const { restoreBest } = recipe;
  return { name, phase, paused, begun: metrics.length > 0, evaluated: evaluations.length > 0, restoreBest };
}

interface ControlsProps extends Controlled {
  readonly asked: Control | null;
}

export const Controls = memo(function Controls({ asked, ...live }: ControlsProps) {
  const { pause, resume, stop, evaluateNow, cancelEvaluation } = useRunStore.getState();
  const { phase } = live;
  const busy = asked === null ? null : busyWith[asked];
  const early = phase === 'preparing' || phase === 'warming-up' ? 'Training has not begun yet.' : null;
  const finishing = phase === 'finishing' ? 'The run is ending.' : null;
  const measuringStep = phase === 'evaluating' && live.begun;
  const measuringBase = phase === 'evaluating' && !measuringStep ? 'The base model is being measured.' : null;
  return (
    <>
      {measuringStep ? (
        <Button className={styles['evaluate']} disabledReason={busy} onClick={() => void cancelEvaluation()}>
          Cancel evaluation
        </Button>
      ) : (
        <Button
          className={styles['evaluate']}
          disabledReason={busy ?? early ?? finishing ?? measuringBase}
          onClick={() => void evaluateNow()}
        >
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
      <Button
        className={styles['stop']}
        disabledReason={asked === 'stop' ? busyWith.stop : finishing}
        onClick={() => void stop()}
      >
        {stopLabel(live)}
      </Button>
      <More live={live} blocked={busy ?? early ?? finishing} />
    </>
  );
});

/** During an evaluation a stop ends that too. */
function stopLabel({ phase, begun, evaluated, restoreBest }: Controlled): string {
  if (phase === 'evaluating' && begun) return 'Stop now';
  if (!evaluated) return 'Stop';
  return restoreBest ? 'Stop and keep best' : 'Stop and keep last';
}

interface MoreProps {
  readonly live: Controlled;
  /** Why nothing can be asked of the run just now; null where it can. */
  readonly blocked: string | null;
}

/** What is wanted less often. */
function More({ live, blocked }: MoreProps) {
  const [open, setOpen] = useState<'change' | 'discard' | null>(null);
  const { gentle, notify, change } = useManners();
  const { stop, discard, checkpointNow } = useRunStore.getState();
  const keepsBest = live.restoreBest && live.evaluated;
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
      {open === 'change' && <ChangeDialog onClose={close} />}
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
