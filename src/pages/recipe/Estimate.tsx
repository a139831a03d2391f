import { Card } from '../../components/Card';
import { bytes, count, percent, plural, short } from '../../components/format';
import { stepsAfter } from '../../recipe/changes';
import { trainableGroups } from '../../recipe/trainable';
import { useRecipeStore } from '../../stores/recipe';
import { microBatchRows } from '../../training/data/plan';
import { useRunMemory } from '../useRunMemory';
import { aboutTime, timeBase, timeParts, useRunTime } from '../useRunTime';
import { useRecipeModel, useRunPlan } from './usePlan';
import styles from './Estimate.module.css';

/** What the recipe comes to: steps, time, trained parameters, memory. */
export function Estimate() {
  return (
    <Card title="What this will cost">
      <dl className={styles['facts']}>
        <Steps />
        <Time />
        <Parameters />
        <Memory />
      </dl>
    </Card>
  );
}

function Steps() {
  const recipe = useRecipeStore((state) => state.recipe);
  const plan = useRunPlan();
  if (plan === null) return <Fact name="Steps" value="–" note="known once there are pictures" />;
  const { stepsPerEpoch, batchSize, microBatches, evaluateEvery } = plan;
  const totalSteps = stepsAfter(recipe.changes, plan.totalSteps);
  const epochs = totalSteps / stepsPerEpoch;
  return (
    <Fact
      name="Steps"
      value={count(totalSteps)}
      note={`${Number.isInteger(epochs) ? count(epochs) : epochs.toFixed(1)} ${epochs === 1 ? 'epoch' : 'epochs'} of ${plural(stepsPerEpoch, 'batch', 'batches')} of ${batchSize}${
        microBatches > 1 ? `, each in ${microBatches} micro-batches of ${microBatchRows(plan)}` : ''
      }${evaluateEvery > 0 ? `, evaluated every ${plural(evaluateEvery, 'step')}` : ''}`}
    />
  );
}

function Time() {
  const { known, timing, problem } = useRunTime();
  const stopsEarly = useRecipeStore(({ recipe }) => recipe.earlyStopping);
  if (known !== null) {
    const less = stopsEarly ? '; less where it stops early' : '';
    return <Fact name="Time" value={aboutTime(known)} note={`${timeParts(known)}; ${timeBase(known)}${less}`} />;
  }
  const note = timing
    ? 'timing a few steps …'
    : problem !== null
      ? `could not be timed: ${problem}`
      : 'known once the run could begin';
  return <Fact name="Time" value={timing ? '…' : '–'} note={note} />;
}

function Parameters() {
  const recipe = useRecipeStore((state) => state.recipe);
  const model = useRecipeModel();
  if (model === null) return <Fact name="Trained parameters" value="–" note="known once the model is open" />;
  const trained = trainableGroups(recipe.method, model.groups);
  const parameters = model.groups.reduce((sum, group) => sum + (trained.has(group.id) ? group.parameters : 0), 0);
  return (
    <Fact
      name="Trained parameters"
      value={short(parameters)}
      note={`${percent(parameters / model.parameters, parameters / model.parameters < 0.1 ? 1 : 0)} of ${short(model.parameters)}`}
    />
  );
}

function Memory() {
  const { estimate: memory } = useRunMemory();
  if (memory === null) return <Fact name="Memory" value="–" note="known once the model is open" />;
  const parts = [
    ['weights', memory.weights],
    ['gradients', memory.gradients],
    ['moments', memory.moments],
    ['activations', memory.activations + memory.inputs],
  ] as const;
  const kept = [
    ['decoded pictures', memory.pictures],
    ['outputs of frozen layers', memory.cache],
  ].flatMap(([name, size]) => (typeof size === 'number' && size > 0 ? [`${name} ${bytes(size)}`] : []));
  return (
    <>
      <Fact
        name="Memory"
        value={bytes(memory.total)}
        note={`${parts.map(([name, size]) => `${name} ${bytes(size)}`).join(', ')}${
          kept.length > 0 ? `; kept in the tab besides, ${kept.join(', ')}` : ''
        }`}
      />
      <div className={styles['bar']} aria-hidden>
        {parts.map(([name, size]) => (
          <i key={name} style={{ flexGrow: size }} />
        ))}
      </div>
    </>
  );
}

function Fact({ name, value, note }: { readonly name: string; readonly value: string; readonly note: string }) {
  return (
    <div className={styles['fact']}>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <small>{note}</small>
      </dd>
    </div>
  );
}
