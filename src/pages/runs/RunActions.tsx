import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button, IconButton } from '../../components/Button';
import { ConfirmDialog } from '../../components/Dialog';
import { RenameDialog } from '../../components/RenameDialog';
import { useToast } from '../../components/toastContext';
import { repeatableRecipe } from '../../runs/repeat';
import type { Run } from '../../runs/types';
import { hasWeights, useChosenWeights } from '../../stores/chosenWeights';
import { useRunStore } from '../../stores/run';
import { takeRecipe } from '../../stores/takeRecipe';
import { GoOn } from './GoOn';
import { SaveRunButton } from './SaveRun';
import { ShareLinkButton } from './ShareLink';
import { TrainOn } from './TrainOn';

/** Longest name of a run; the rail has little room. */
const longest = 60;

/** What one can do with a stored run. */
export function RunActions({ run }: { readonly run: Run }) {
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null);
  const toast = useToast();
  const usable = useRunStore(({ unstored }) => hasWeights(run, unstored));
  const { remove, rename } = useRunStore.getState();
  const close = (): void => setAsking(null);
  const useRecipe = (): void => {
    const problems = takeRecipe(repeatableRecipe(run));
    toast({ text: [`The next run takes the recipe of ${run.name}.`, ...problems].join(' ') });
    navigate('/recipe');
  };
  return (
    <>
      <SaveRunButton run={run} />
      {/* The worker writes the record of a run in progress, in whichever tab. */}
      {run.state !== 'running' && (
        <>
          <IconButton label="Rename" icon={<Pencil />} onClick={() => setAsking('rename')} />
          <IconButton label="Delete" icon={<Trash2 />} onClick={() => setAsking('delete')} />
        </>
      )}
      {run.state === 'stopped' && run.stepsDone < run.totalSteps && (
        <GoOn runId={run.id} size="m" variant="secondary" />
      )}
      <TrainOn run={run} />
      <ShareLinkButton recipe={repeatableRecipe(run)} />
      <Button
        disabledReason={
          run.state === 'running' ? 'The run is in progress.' : usable ? null : 'This run has kept no weights.'
        }
        onClick={() => {
          useChosenWeights.getState().choose(run.id);
          navigate('/export');
        }}
      >
        Export
      </Button>
      <Button variant="primary" onClick={useRecipe}>
        Use this recipe
      </Button>
      <RenameDialog
        open={asking === 'rename'}
        onClose={close}
        what="the run"
        name={run.name}
        maxLength={longest}
        onRename={(name) => void rename(run.id, name)}
      />
      <ConfirmDialog
        open={asking === 'delete'}
        onClose={close}
        title={`Delete ${run.name}?`}
        confirm="Delete run"
        danger
        onConfirm={() => {
          navigate('/train');
          void remove(run.id);
        }}
      >
        Its recipe, curves and weights are removed for good. Pictures and other runs stay.
      </ConfirmDialog>
    </>
  );
}
