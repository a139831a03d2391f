import { Boxes } from 'lucide-react';
import { useState, type SyntheticEvent } from 'react';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { Disclosure } from '../../components/Disclosure';
import { Field } from '../../components/Field';
import { FileDrop } from '../../components/FileDrop';
import { TextField } from '../../components/TextField';
import { gatherChosen, gatherDropped, type Gathered } from '../../dataset/entries';
import { defaultHub } from '../../model/hub';
import { useModelStore } from '../../stores/model';
import { hubIdOf, parseHubId } from '../../model/hub';
import { useRunStore } from '../../stores/run';
import { modelFilesOf } from './modelFiles';
import styles from './OtherModel.module.css';

/**
 * How models are opened that the page does not list. None can be opened while a run is in progress; a name is checked before a hub is asked for
 * it.
 */

interface OtherModelProps {
  /** Shows what is wrong with the files, or null when new ones are tried. */
  readonly onProblem: (problem: string | null) => void;
}

/** Any other model: from a hub by its name, or from a folder on the disk. */
export function OtherModel({ onProblem }: OtherModelProps) {
  const training = useRunStore((state) => state.active !== null);
  const busy = training ? 'A run is in progress. Another model can be opened when it has ended.' : null;
  const take = (gathered: Gathered) => {
    const picked = modelFilesOf(gathered.files);
    if (typeof picked === 'string') {
      onProblem(picked);
      return;
    }
    onProblem(null);
    void useModelStore.getState().importModel(picked.name, picked.files);
  };
  return (
    <Card
      title="Another model"
      hint="Any CLIP or SigLIP in the Hugging Face layout (CLIPModel, SiglipModel), SigLIP 2 of a fixed size included."
    >
      <div className={styles['ways']}>
        <HubForm busy={busy} onProblem={onProblem} />
        <FileDrop
          title="Drop a model folder here"
          icon={<Boxes aria-hidden />}
          disabledReason={busy}
          onDrop={(items) => {
            gatherDropped(items).then(take, (error: unknown) =>
              onProblem(error instanceof Error ? error.message : String(error)),
            );
          }}
          onChoose={(files) => take(gatherChosen(files))}
        >
          With config.json, model.safetensors, tokenizer.json and processor_config.json or preprocessor_config.json.
        </FileDrop>
      </div>
    </Card>
  );
}

function HubForm({ busy, onProblem }: OtherModelProps & { readonly busy: string | null }) {
  const hubBase = useModelStore((state) => state.hubBase);
  const [id, setId] = useState('');
  const model = hubIdOf(id);
  const valid = parseHubId(model) !== null;
  const reason = busy ?? (valid ? null : 'Write the name as owner/name, e.g. openai/clip-vit-large-patch14.');
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (reason !== null) return;
    onProblem(null);
    void useModelStore.getState().openModel(model);
  };
  return (
    <form className={styles['hub']} onSubmit={submit}>
      <Field
        label="Name on the hub"
        help="owner/name, or owner/name@revision for another than the main branch."
        error={id !== '' && !valid ? 'That is no model name: write owner/name.' : null}
      >
        {({ id: inputId, describedBy, invalid }) => (
          <TextField
            id={inputId}
            aria-describedby={describedBy}
            aria-invalid={invalid}
            placeholder="owner/name"
            autoComplete="off"
            spellCheck={false}
            value={id}
            onChange={setId}
          />
        )}
      </Field>
      <Disclosure label="Another hub" defaultOpen={hubBase !== defaultHub}>
        <Field
          label="Address of the hub"
          help="Files are fetched from {address}/{owner}/{name}/resolve/{revision}/{file}."
          {...(hubBase === defaultHub
            ? {}
            : { onReset: () => useModelStore.getState().setHubBase(defaultHub), resetTo: defaultHub })}
        >
          {({ id: inputId, describedBy }) => (
            <TextField
              id={inputId}
              aria-describedby={describedBy}
              type="url"
              spellCheck={false}
              value={hubBase}
              onChange={(next) => useModelStore.getState().setHubBase(next)}
            />
          )}
        </Field>
      </Disclosure>
      <div>
        <Button type="submit" disabledReason={reason}>
          Open from the hub
        </Button>
      </div>
    </form>
  );
}
