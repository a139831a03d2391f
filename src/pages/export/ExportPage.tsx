import { useId, useState } from 'react';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { Progress } from '../../components/Progress';
import { Segmented } from '../../components/Segmented';
import { Toolbar } from '../../components/Toolbar';
import { usageSnippet } from '../../export/snippet';
import { weightsKey, weightsOf } from '../../stores/chosenWeights';
import { exportKey, startExport, useExports } from '../../stores/exporting';
import { useDataStore } from '../../stores/data';
import { useRecipeStore } from '../../stores/recipe';
import { ShareLinkButton } from '../runs/ShareLink';
import { useChosenRun, WeightsSelect } from '../runs/WeightsSelect';
import { useDataKey } from '../useDataKey';
import { CodeBlock } from './CodeBlock';
import { ExportResultCard } from './ExportResultCard';
import styles from './ExportPage.module.css';

type Precision = 'float32' | 'float16';
const precisions: readonly { readonly value: Precision; readonly label: string }[] = [
  { value: 'float32', label: 'float32' },
  { value: 'float16', label: 'float16' },
];

type Contents = readonly (readonly [file: string, what: string])[];

const modelContents: Contents = [
  ['config.json', 'what the model is made of'],
  ['model.safetensors', 'its weights, with the names and shapes that Transformers knows'],
  ['tokenizer.json and its kin', 'how words become numbers'],
  ['preprocessor_config.json or processor_config.json', 'how pictures become numbers'],
  ['LICENSE', 'the text of the licence, where the base model has one'],
];
const runContents: Contents = [
  ...modelContents,
  ['README.md', 'a model card: base model, data, recipe, results beside the baseline, limits'],
  ['training.json', 'the whole run: recipe, environment, every evaluation'],
];
const baseContents: Contents = [
  ...modelContents,
  ['README.md', 'a model card: which model it is, its licence, how to use it'],
  ['training.json', 'the same for programs; it says that nothing was trained'],
];

/** A model as a folder that other tools load. */
export default function ExportPage() {
  const precisionId = useId();
  const [precision, setPrecision] = useState<Precision>('float32');
  const model = useRecipeStore((state) => state.recipe.model);
  const currentRecipe = useRecipeStore((state) => state.recipe);
  const datasetId = useDataStore((state) => state.dataset?.id ?? null);
  const run = useChosenRun();
  const data = useDataKey();
  const weights = weightsKey(run, model);
  const key = exportKey(weights, data, precision);
  const job = useExports((state) => state.jobs[key]);
  const name = run?.name ?? model;
  const folder = job?.state === 'done' ? job.result.fileName.replace(/\.zip$/, '') : name.replaceAll('/', '-');
  return (
    <>
      <PageHeader
        title="Export"
        summary={
          run === null
            ? 'The base model as it is. After a run, its model can be exported here.'
            : `${run.name} as a folder that Transformers and its kin load.`
        }
        actions={
          <>
            <ShareLinkButton recipe={run?.recipe ?? currentRecipe} />
            <Button
              variant={job?.state === 'done' ? 'secondary' : 'primary'}
              disabledReason={job?.state === 'running' ? 'The export is being built.' : null}
              onClick={() => startExport(weights, data, { weights: weightsOf(run, model), precision, datasetId })}
            >
              {job?.state === 'done' ? 'Build again' : 'Build export'}
            </Button>
          </>
        }
      />
      <Toolbar>
        <WeightsSelect />
        <div className={styles['precision']}>
          <span id={precisionId}>Precision</span>
          <Segmented label="Precision" value={precision} options={precisions} onChange={setPrecision} />
        </div>
        <small>
          {precision === 'float32'
            ? run === null
              ? 'The weights as they came.'
              : 'Exactly what was trained.'
            : 'Half the size; embeddings change in about the third digit.'}
        </small>
      </Toolbar>
      <div className={styles['stack']}>
        {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
        {job?.state === 'failed' && (
          <Notice tone="error" title="The export could not be built">
            {job.message}
          </Notice>
        )}
        {job?.state === 'done' && <ExportResultCard result={job.result} precision={precision} />}
        <div className={styles['columns']}>
          <Card title="What is in it" hint="Before it is offered it is read back and must give the same embeddings.">
            <dl className={styles['contents']}>
              {(run === null ? baseContents : runContents).map(([file, what]) => (
                <div key={file}>
                  <dt>
                    <code>{file}</code>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </Card>
          <Card title="Load it in Python" hint="Unpack the zip, then:">
            <CodeBlock label="Python that loads the export" code={usageSnippet(folder)} />
          </Card>
        </div>
      </div>
    </>
  );
}
