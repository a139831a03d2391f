import { useMemo } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { count, plural, short } from '../../components/format';
import { MachineNotes } from '../../components/MachineNotes';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { ProgressBar } from '../../components/Progress';
import { blockingReason, type Finding } from '../../recipe/checks';
import { stepsAfter } from '../../recipe/changes';
import { differences } from '../../recipe/differences';
import { applyPreset, nearestPreset } from '../../recipe/presets';
import { trainableGroups } from '../../recipe/trainable';
import { useDataStore } from '../../stores/data';
import { useMachineStore } from '../../stores/machine';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import { takeFix } from '../../stores/setup';
import { useRunStore } from '../../stores/run';
import { planRun } from '../../training/data/plan';
import { DamagedRuns } from '../runs/DamagedRuns';
import { RunsTable } from '../runs/RunsTable';
import { Thumbnail } from '../runs/Thumbnail';
import { useAdvice } from '../useAdvice';
import { aboutTime, timeBase, timeParts, useRunTime } from '../useRunTime';
import { useSplitCounts } from '../useSplitCounts';
import { QueueCard } from './QueueCard';
import layout from '../layout.module.css';
import styles from './StartView.module.css';

/** Newest runs that are listed. */
const listedRuns = 10;

/** Before a run: what it would start from, what stands in its way, and the button. */
export function StartView() {
  const [, navigate] = useLocation();
  const findings = useAdvice();
  const recipe = useRecipeStore((state) => state.recipe);
  const dataset = useDataStore((state) => state.dataset);
  const start = useRunStore((state) => state.start);
  const runs = useRunStore((state) => state.runs);
  const problem = useRunStore((state) => state.problem);
  const opening = useModelStore((state) => state.opening !== null);
  const elsewhere = runs?.find(({ state }) => state === 'running');
  const reason =
    blockingReason(findings) ??
    (elsewhere === undefined
      ? null
      : `The run ${elsewhere.name} is training in another tab. Two cannot share the GPU.`);
  return (
    <>
      <PageHeader
        title="Train"
        summary={
          reason === null
            ? 'All is ready. Training happens on this machine; nothing leaves it.'
            : 'What the next run would start from.'
        }
        actions={
          <>
            <Button onClick={() => navigate('/runs/sweeps/new')}>Sweep</Button>
            <Button
              variant="primary"
              disabledReason={reason}
              onClick={() => {
                if (dataset !== null) start(recipe, dataset.id);
              }}
            >
              Train
            </Button>
          </>
        }
      />
      <div className={layout['stack']}>
        {problem !== null && <Notice tone="error">{problem}</Notice>}
        <div className={styles['cards']}>
          <DataCard />
          <ModelCard />
          <RecipeCard />
        </div>
        {findings
          // While the model is being opened its card shows how far it is.
          .filter(({ id }) => id !== 'no-model' || !opening)
          .map((finding) => (
            <FindingNotice key={finding.id} finding={finding} />
          ))}
        <MachineCard />
        <QueueCard />
        <DamagedRuns />
        {runs !== null && runs.length > 0 && (
          <Card title="Earlier runs" actions={<Link href="/runs">All runs, to search and compare</Link>}>
            <RunsTable runs={runs.slice(0, listedRuns)} />
          </Card>
        )}
      </div>
    </>
  );
}

/** Pictures shown as a preview. */
const previewed = 6;

function DataCard() {
  const dataset = useDataStore((state) => state.dataset);
  const images = useDataStore((state) => state.images);
  const { train, validation, test } = useSplitCounts();
  return (
    <Card title="Data" actions={<Link href="/data">Change</Link>}>
      {dataset === null ? (
        <p className={styles['muted']}>No pictures yet.</p>
      ) : (
        <>
          <p className={styles['name']}>{dataset.name}</p>
          <p className={styles['muted']}>
            {count(train)} to train on · {count(validation)} validation · {count(test)} test
          </p>
          <div className={styles['strip']} aria-hidden>
            {images.slice(0, previewed).map(({ id }) => (
              <Thumbnail key={id} imageId={id} alt="" size={40} />
            ))}
          </div>
        </>
      )}
    </Card>
  );
}

function ModelCard() {
  const model = useModelStore((state) => state.model);
  const opening = useModelStore((state) => state.opening?.task ?? null);
  const recipe = useRecipeStore((state) => state.recipe);
  const share = useMemo(() => {
    if (model === null) return null;
    const trained = trainableGroups(recipe.method, model.groups);
    return model.groups.reduce((sum, { id, parameters }) => sum + (trained.has(id) ? parameters : 0), 0);
  }, [model, recipe]);
  return (
    <Card title="Model" actions={<Link href="/model">Change</Link>}>
      {model === null || share === null ? (
        opening === null ? (
          <p className={styles['muted']}>Not open yet.</p>
        ) : (
          <div className={styles['opening']}>
            <p className={styles['muted']}>{opening.label}</p>
            <ProgressBar
              label={opening.label}
              fraction={opening.total === null || opening.total === 0 ? null : opening.done / opening.total}
            />
          </div>
        )
      ) : (
        <>
          <p className={styles['name']}>{model.name}</p>
          <p className={styles['muted']}>
            {short(model.parameters)} parameters · pictures of {model.imageSize} × {model.imageSize} ·{' '}
            {plural(model.maxTokens, 'token')}
          </p>
          <p className={styles['muted']}>
            {short(share)} of them trained (
            {((100 * share) / model.parameters).toFixed(share < model.parameters ? 1 : 0)} %)
          </p>
        </>
      )}
    </Card>
  );
}

/** Differences listed before the rest is only counted. */
const listed = 3;

function RecipeCard() {
  const recipe = useRecipeStore((state) => state.recipe);
  const { trainPairs, validation } = useSplitCounts();
  const { preset } = nearestPreset(recipe);
  const changes = useMemo(() => differences(applyPreset(preset.id, recipe), recipe), [preset, recipe]);
  const plan = useMemo(
    () => (trainPairs < 2 ? null : planRun(recipe, trainPairs, validation)),
    [recipe, trainPairs, validation],
  );
  return (
    <Card title="Recipe" actions={<Link href="/recipe">Change</Link>}>
      <p className={styles['name']}>{preset.label}</p>
      {plan !== null && (
        <p className={styles['muted']}>
          {plural(stepsAfter(recipe.changes, plan.totalSteps), 'step')} of {plural(plan.batchSize, 'pair')}
          {plan.evaluateEvery > 0 && ` · evaluated every ${plural(plan.evaluateEvery, 'step')}`}
        </p>
      )}
      <RunTime />
      {changes.slice(0, listed).map(({ key, label, from, to }) => (
        <p key={key} className={styles['muted']}>
          {label}: <b>{to}</b> instead of {from}
        </p>
      ))}
      {changes.length > listed && <p className={styles['muted']}>and {changes.length - listed} more changes</p>}
    </Card>
  );
}

function RunTime() {
  const { known, timing } = useRunTime();
  const stopsEarly = useRecipeStore(({ recipe }) => recipe.earlyStopping);
  if (known === null) return timing ? <p className={styles['muted']}>Timing a few steps …</p> : null;
  return (
    <p className={styles['muted']} title={timeParts(known)}>
      Takes <b>{aboutTime(known)}</b>, {timeBase(known)}
      {stopsEarly && '; less where it stops early'}
    </p>
  );
}

const mendedOn: Record<Finding['where'], string> = {
  data: 'Go to Data',
  model: 'Go to Model',
  recipe: 'Go to Recipe',
  train: '',
  evaluate: 'Go to Evaluate',
};

function FindingNotice({ finding }: { readonly finding: Finding }) {
  const [, navigate] = useLocation();
  const { severity, where, message, fixes = [] } = finding;
  return (
    <Notice
      tone="warn"
      title={severity === 'blocker' ? 'Before you can train' : undefined}
      actions={
        where !== 'train' || fixes.length > 0 ? (
          <>
            {fixes.map((fix) => (
              <Button key={fix.label} size="s" onClick={() => takeFix(fix)}>
                {fix.label}
              </Button>
            ))}
            {where !== 'train' && (
              <Button size="s" onClick={() => navigate(`/${where}`)}>
                {mendedOn[where]}
              </Button>
            )}
          </>
        ) : undefined
      }
    >
      {message}
    </Notice>
  );
}

function MachineCard() {
  const capabilities = useMachineStore((state) => state.capabilities);
  const problem = useMachineStore((state) => state.problem);
  if (problem !== null) {
    return (
      <Notice tone="error" title="This machine could not be tried">
        {problem}
      </Notice>
    );
  }
  return (
    <Card title="This machine">
      {capabilities === null ? (
        <p className={styles['muted']}>Trying what it can do …</p>
      ) : (
        <>
          <p>{capabilities.verdict}</p>
          <p className={styles['muted']}>
            {capabilities.adapter === null ? 'No WebGPU adapter' : `Adapter: ${capabilities.adapter}`}
            {capabilities.softwareAdapter && ' (software)'} · {plural(capabilities.threads, 'thread')}
            {!capabilities.crossOriginIsolated && ' · threads unavailable: the page is not cross-origin isolated'}
          </p>
          <MachineNotes notes={capabilities.notes} />
        </>
      )}
    </Card>
  );
}
