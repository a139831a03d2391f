import { useState } from 'react';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { Progress } from '../../components/Progress';
import { Toolbar } from '../../components/Toolbar';
import { formatDescriptions, type FormatId } from '../../export/formats';
import type { FormatDescription } from '../../export/formats/description';
import { weightsKey, weightsOf } from '../../stores/chosenWeights';
import { exportKey, startExport, useExports } from '../../stores/exporting';
import { useDataStore } from '../../stores/data';
import { useModelStore } from '../../stores/model';
import { hasPlainHead } from '../../recipe/plain-head';
import { useRecipeStore } from '../../stores/recipe';
import { ShareLinkButton } from '../runs/ShareLink';
import { useChosenRun, WeightsSelect } from '../runs/WeightsSelect';
import { useDataKey } from '../useDataKey';
import { CodeBlock } from './CodeBlock';
import { ExportResultCard } from './ExportResultCard';
import { FormatOptions, FormatSelect } from './FormatOptions';
import layout from '../layout.module.css';
import styles from './ExportPage.module.css';

/** What every export holds beside the files of its format. */
const licence = ['LICENSE', 'the text of the licence, where the base model has one'] as const;
const runContents: FormatDescription['contents'] = [
  licence,
  ['README.md', 'a model card: base model, data, recipe, results beside the baseline, limits'],
  ['training.json', 'the whole run: recipe, environment, every evaluation'],
];
const baseContents: FormatDescription['contents'] = [
  licence,
  ['README.md', 'a model card: which model it is, its licence, how to use it'],
  ['training.json', 'the same for programs; it says that nothing was trained'],
];

/** A model as a folder that other tools load. */
export default function ExportPage() {
  const [formatId, setFormatId] = useState<FormatId>(formatDescriptions[0].id);
  const [chosen, setChosen] = useState<Readonly<Record<string, unknown>>>({});
  const format: FormatDescription = formatDescriptions.find(({ id }) => id === formatId) ?? formatDescriptions[0];
  // What was chosen for one format stays for another that has the same option.
  const options = format.options.parse(chosen);
  const model = useRecipeStore((state) => state.recipe.model);
  const currentRecipe = useRecipeStore((state) => state.recipe);
  const datasetId = useDataStore((state) => state.dataset?.id ?? null);
  const summary = useModelStore((state) => state.model);
  const run = useChosenRun();
  const data = useDataKey();
  const weights = weightsKey(run, model);
  const choice = { format: format.id, options };
  const job = useExports((state) => state.jobs[exportKey(weights, data, choice)]);
  const name = run?.name ?? model;
  const modelType = summary?.modelType ?? 'clip';
  const folder = job?.state === 'done' ? job.result.fileName.replace(/\.zip$/, '') : name.replaceAll('/', '-');
  const classifier = run !== null && run.labels !== null && run.weightsStep !== 0;
  const ownHead = classifier && !hasPlainHead(run.recipe);
  const [ofHead, headContents = []] = ownHead
    ? [format.headSnippet, format.headContents]
    : classifier
      ? [format.classifierSnippet, format.classifierContents]
      : [];
  const snippet = ofHead ?? format.snippet;
  // Of another base than the one that is open nothing is known yet; the worker looks at it first.
  const obstacle = summary?.id === (run?.recipe.model ?? model) ? summary.notExportedAs[format.id] : undefined;
  return (
    <>
      <PageHeader
        title="Export"
        summary={
          run === null
            ? 'The base model as it is. After a run, its model can be exported here.'
            : `${run.name} as a folder that ${format.readers} load.`
        }
        actions={
          <>
            <ShareLinkButton recipe={run?.recipe ?? currentRecipe} />
            <Button
              variant={job?.state === 'done' ? 'secondary' : 'primary'}
              disabledReason={
                job?.state === 'running'
                  ? 'The export is being built.'
                  : obstacle === undefined
                    ? null
                    : 'This format cannot hold the model.'
              }
              onClick={() => startExport(weights, data, { weights: weightsOf(run, model), ...choice, datasetId })}
            >
              {job?.state === 'done' ? 'Build again' : 'Build export'}
            </Button>
          </>
        }
      />
      <Toolbar>
        <WeightsSelect />
        <FormatSelect value={format.id} onChange={setFormatId} />
        <FormatOptions
          format={format}
          values={options}
          isBase={run === null}
          onChange={(key, value) => setChosen({ ...chosen, [key]: value })}
        />
      </Toolbar>
      <div className={layout['stack']}>
        {obstacle !== undefined && (
          <Notice tone="warn" title={`${format.label} cannot hold this model`}>
            {obstacle}
          </Notice>
        )}
        {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
        {job?.state === 'failed' && (
          <Notice tone="error" title="The export could not be built">
            {job.message}
          </Notice>
        )}
        {job?.state === 'done' && <ExportResultCard result={job.result} />}
        <div className={layout['beside']}>
          <Card title="What is in it" hint="Before it is offered it is read back and must give the same embeddings.">
            <dl className={styles['contents']}>
              {[...format.contents, ...headContents, ...(run === null ? baseContents : runContents)].map(
                ([file, what]) => (
                  <div key={file}>
                    <dt>
                      <code>{file}</code>
                    </dt>
                    <dd>{what}</dd>
                  </div>
                ),
              )}
            </dl>
          </Card>
          <Card title="Load it in Python" hint="Unpack the zip, then:">
            <CodeBlock label="Python that loads the export" code={snippet(folder, modelType, run?.recipe)} />
          </Card>
        </div>
      </div>
    </>
  );
}
