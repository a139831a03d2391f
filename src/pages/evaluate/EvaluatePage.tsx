import { Ruler } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { focusMain } from '../../components/focusMain';
import { plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { Progress } from '../../components/Progress';
import { Segmented } from '../../components/Segmented';
import { Toolbar } from '../../components/Toolbar';
import type { Dataset, Split } from '../../dataset/types';
import type { Run } from '../../runs/types';
import type { EvaluationReport } from '../../protocol/evaluation';
import { weightsKey, weightsOf } from '../../stores/chosenWeights';
import { evaluationKey, useEvaluations } from '../../stores/evaluation';
import { useDataStore } from '../../stores/data';
import { useRecipeStore } from '../../stores/recipe';
import { useChosenRun, WeightsSelect } from '../runs/WeightsSelect';
import { useDataKey } from '../useDataKey';
import { useTaskCounts } from '../useSplitCounts';
import { taskIdOf } from '../../tasks';
import { changesOf } from '../../tasks/changes';
import { MistakeGroups } from '../seeing/MistakeGroups';
import { WhatChanged } from '../seeing/WhatChanged';
import { taskViews } from '../tasks';
import { earlierReport } from './earlierReport';
import { nearChance } from './cautions';
import layout from '../layout.module.css';
import styles from './EvaluatePage.module.css';
import { useMeasuredAgain } from './useMeasuredAgain';
import { RobustnessCard } from './RobustnessCard';
import { SlicesCard } from './SlicesCard';

/**
 * The Evaluate page. Nothing is measured before the user asks, but for the test pictures of a run, which are measured when it ends. A result is kept under the weights, data and split it is of (`evaluationKey`), so
 * that none is shown for others.
 */

const splits: readonly { readonly value: Split; readonly label: string }[] = [
  { value: 'test', label: 'Test' },
  { value: 'validation', label: 'Validation' },
  { value: 'train', label: 'Train' },
];

/** Measures on pictures that training has not seen: base against tuned, and the worst mistakes. */
export default function EvaluatePage() {
  const [, navigate] = useLocation();
  const loaded = useDataStore((state) => state.loaded);
  const dataset = useDataStore((state) => state.dataset);
  const run = useChosenRun();
  const task = useRecipeStore(({ recipe }) => taskIdOf(run?.recipe ?? recipe));
  if (dataset !== null) return <Evaluation dataset={dataset} run={run} />;
  return (
    <>
      <PageHeader title="Evaluate" />
      {loaded && (
        <EmptyState
          icon={<Ruler />}
          title="There are no pictures to evaluate on"
          actions={
            <Button variant="primary" onClick={() => navigate('/data')}>
              Add pictures
            </Button>
          }
        >
          {taskViews[task].evaluation}
        </EmptyState>
      )}
    </>
  );
}

function Evaluation({ dataset, run }: { readonly dataset: Dataset; readonly run: Run | null }) {
  const splitId = useId();
  const [split, setSplit] = useState<Split>('test');
  const model = useRecipeStore((state) => state.recipe.model);
  const task = useRecipeStore(({ recipe }) => (run?.recipe ?? recipe).task);
  const { evaluating, question, unable } = taskViews[task.type];
  const counts = useTaskCounts(task.type);
  const data = useDataKey();
  const measure = run === null && task.type !== 'contrastive' ? JSON.stringify(task) : '';
  const key = evaluationKey(weightsKey(run, model), data, split, measure);
  const current = useEvaluations((state) => state.jobs[key]);
  const before = useEvaluations(({ jobs }) => earlierReport(jobs, key, data, dataset.id));
  // What is excluded or corrected in place changes the data; the report that it was seen in stays until there is a new one.
  const job = current ?? before;
  useMeasuredAgain(run, key, job !== undefined);
  const outdated = current === undefined && before !== undefined;
  const start = useEvaluations((state) => state.start);
  const params = { weights: weightsOf(run, model), datasetId: dataset.id, split, recipe: { task } };
  const pictures = counts[split];
  const reason = pictures === 0 ? unable(split) : job?.state === 'running' ? 'The evaluation is under way.' : null;
  const button = (
    <Button
      variant="primary"
      disabledReason={reason}
      onClick={() => {
        start(key, params);
        // The button of the empty page goes with it.
        if (job === undefined) focusMain();
      }}
    >
      {job?.state === 'done' ? 'Evaluate again' : 'Evaluate'}
    </Button>
  );
  const who = run === null ? 'The base model' : `The base model against ${run.name}`;
  return (
    <>
      <PageHeader
        title="Evaluate"
        summary={`${who}, on ${plural(pictures, `${split} picture`)} of ${dataset.name}.`}
        // Before there is anything, it stands where the page says so.
        actions={job === undefined ? undefined : button}
      />
      <Toolbar>
        <WeightsSelect />
        <div className={styles['split']}>
          <span id={splitId}>On</span>
          <Segmented label="Split" value={split} options={splits} onChange={setSplit} />
        </div>
      </Toolbar>
      <div className={layout['stack']}>
        {run !== null && run.dataset.id !== dataset.id && (
          <Notice title={`${run.name} was trained on ${run.dataset.name}.`}>
            It is evaluated on {dataset.name}, the dataset in use.
          </Notice>
        )}
        {split === 'train' && (
          <Notice tone="warn">
            Training has seen these pictures. What is measured here says how well they are learnt, not how well the
            model does on new ones.
          </Notice>
        )}
        {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
        {job?.state === 'failed' && (
          <Notice tone="error" title="The evaluation has failed">
            {job.message}
          </Notice>
        )}
        {outdated && (
          <Notice title="The pictures have changed since this was measured.">
            What is shown is of the pictures as they were. Evaluate again to see what is true now.
          </Notice>
        )}
        {job?.state === 'done' && job.result.dataChanged && split !== 'train' && (
          <Notice tone="warn" title="The data has changed since this run.">
            Some of these pictures may have been trained on.
          </Notice>
        )}
        {job?.state === 'done' && <Cautions report={job.result} />}
        {job?.state === 'done' && run !== null && <Changed report={job.result} run={run} />}
        {job?.state === 'done' && <Found report={job.result} tunedName={run?.name ?? null} />}
        {job?.state === 'done' && (
          <RobustnessCard evaluation={key} params={params} task={task.type} tunedName={run?.name ?? null} />
        )}
        {job?.state === 'done' && question !== undefined && (
          <MistakeGroups
            datasetId={dataset.id}
            weights={weightsOf(run, model)}
            weightsKey={weightsKey(run, model)}
            outcomes={job.result.outcomes}
          />
        )}
        {job === undefined && (
          <EmptyState icon={<Ruler />} title="Not evaluated yet" actions={button}>
            {evaluating(plural(pictures, `${split} picture`))}
          </EmptyState>
        )}
      </div>
    </>
  );
}

/** What training changed of the samples; nothing where there is nothing to compare. */
function Changed({ report: { outcomes }, run }: { readonly report: EvaluationReport; readonly run: Run }) {
  const changes = useMemo(() => changesOf(outcomes), [outcomes]);
  return changes === null ? null : <WhatChanged changes={changes} run={run} />;
}

/** What was found, as the task shows it, and by the columns that cut it. */
function Found({ report, tunedName }: { readonly report: EvaluationReport; readonly tunedName: string | null }) {
  const { Report } = taskViews[report.task];
  return (
    <>
      <Report report={report} tunedName={tunedName} />
      <SlicesCard report={report} tunedName={tunedName} />
    </>
  );
}

/** What one should know before one believes the numbers. */
function Cautions({ report }: { readonly report: EvaluationReport }) {
  const near = nearChance(report);
  const found = [...(near === null ? [] : [near]), ...taskViews[report.task].cautions(report)];
  return found.map(({ id, title, text }) => (
    <Notice key={id} title={title}>
      {text}
    </Notice>
  ));
}
