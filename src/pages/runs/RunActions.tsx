import { FileDown, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button, IconButton } from '../../components/Button';
import { ConfirmDialog, Dialog } from '../../components/Dialog';
import { Field } from '../../components/Field';
import { saveBlob } from '../../components/saveFile';
import { TextField } from '../../components/TextField';
import { useToast } from '../../components/toastContext';
import { restoreRecipe } from '../../recipe/migrate';
import { messageOf } from '../../protocol/errors';
import { readMetrics } from '../../runs/store';
import type { Run } from '../../runs/types';
import { hasWeights, useChosenWeights } from '../../stores/chosenWeights';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import { useRunStore } from '../../stores/run';
import { GoOn } from './GoOn';
import { ShareLinkButton } from './ShareLink';
import { TrainOn } from './TrainOn';

/** What one can do with a stored run. */
export function RunActions({ run }: { readonly run: Run }) {
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null);
  const toast = useToast();
  const usable = useRunStore(({ unstored }) => hasWeights(run, unstored));
  const remove = useRunStore((state) => state.remove);
  const close = (): void => setAsking(null);
  const useRecipe = (): void => {
    const before = useModelStore.getState().model?.id;
    // A run is told as it was; what is trained with next must be what recipes may hold today.
    const { recipe, problems } = restoreRecipe(run.recipe);
    useRecipeStore.getState().replace(recipe);
    if (before !== recipe.model) void useModelStore.getState().openModel(recipe.model);
    toast({ text: [`The next run takes the recipe of ${run.name}.`, ...problems].join(' ') });
    navigate('/recipe');
  };
  const save = async (): Promise<void> => {
    try {
      const [{ runArchive }, { rows }] = await Promise.all([import('../../export/run/archive'), readMetrics(run.id)]);
      const { fileName, zip } = await runArchive({ run, rows });
      saveBlob(fileName, zip);
      toast({ text: `${fileName} holds the curves as CSV and for TensorBoard, the record, and a report to read.` });
    } catch (error) {
      toast({ text: `The run could not be saved: ${messageOf(error)}` });
    }
  };
  return (
    <>
      <IconButton label="Save curves and report" icon={<FileDown />} onClick={() => void save()} />
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
      <ShareLinkButton recipe={run.recipe} />
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
      {asking === 'rename' && <RenameDialog run={run} onClose={close} />}
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

/** Longest name of a run; the rail has little room. */
const longest = 60;

function RenameDialog({ run, onClose }: { readonly run: Run; readonly onClose: () => void }) {
  const [name, setName] = useState(run.name);
  const rename = useRunStore((state) => state.rename);
  const trimmed = name.trim();
  const save = (): void => {
    onClose();
    if (trimmed !== run.name) void rename(run.id, trimmed);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Rename the run"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabledReason={trimmed === '' ? 'A run needs a name.' : null} onClick={save}>
            Rename
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (trimmed !== '') save();
        }}
      >
        <Field label="Name">
          {({ id }) => <TextField id={id} value={name} maxLength={longest} autoFocus onChange={setName} />}
        </Field>
      </form>
    </Dialog>
  );
}
