import { Card } from '../../components/Card';
import { Field } from '../../components/Field';
import { percent } from '../../components/format';
import { NumberField } from '../../components/NumberField';
import { Segmented } from '../../components/Segmented';
import { Select } from '../../components/Select';
import { Switch } from '../../components/Switch';
import { useSweepDraft } from '../../stores/sweepDraft';
import { changesLoss, objectives } from '../../sweeps/objective';
import { rungShares, type SweepMethod, type SweepPlan } from '../../sweeps/types';
import styles from './NewSweepPage.module.css';

const methods = [
  { value: 'random', label: 'Random' },
  { value: 'grid', label: 'Grid' },
  { value: 'asha', label: 'Halving' },
] as const;

const explained: Readonly<Record<SweepMethod['type'], string>> = {
  random: 'Each trial draws its own values. With two fields or more it finds better ones than a grid of the same size.',
  grid: 'All combinations, in a random order. For few values of few fields.',
  asha: 'Many trials begin, and all but the best are stopped early (ASHA). The most values for the time, where a good start tells of a good end.',
};

const begun: Readonly<Record<SweepMethod['type'], SweepMethod>> = {
  random: { type: 'random' },
  grid: { type: 'grid', levels: 3 },
  asha: { type: 'asha', reduction: 3, rungs: 3 },
};

/** How values are chosen, and what trials are told apart by. */
export function MethodCard({ plan }: { readonly plan: SweepPlan | null }) {
  const { method, objective, stopWeak, seed, change } = useSweepDraft();
  const metrics = plan === null ? [] : objectives(plan);
  const known = metrics.some(({ name }) => name === objective);
  return (
    <Card title="Method">
      <Segmented
        label="How values are chosen"
        value={method.type}
        options={methods}
        onChange={(type) => change({ method: begun[type] })}
      />
      <p className={styles['estimate']}>{explained[method.type]}</p>
      <div className={styles['options']}>
        {method.type === 'grid' && (
          <Field label="Levels" help="How many values along its scale a field between two numbers takes.">
            {({ id }) => (
              <NumberField
                id={id}
                value={method.levels}
                min={2}
                max={20}
                integer
                onChange={(levels) => change({ method: { ...method, levels } })}
              />
            )}
          </Field>
        )}
        {method.type === 'asha' && (
          <>
            <Field
              label="Keep one in"
              help="The reduction factor η: of so many trials at a rung, the best one goes on."
            >
              {({ id }) => (
                <NumberField
                  id={id}
                  value={method.reduction}
                  min={2}
                  max={8}
                  integer
                  onChange={(reduction) => change({ method: { ...method, reduction } })}
                />
              )}
            </Field>
            <Field label="Rungs" help="How often trials are looked at, their end included.">
              {({ id }) => (
                <NumberField
                  id={id}
                  value={method.rungs}
                  min={2}
                  max={5}
                  integer
                  onChange={(rungs) => change({ method: { ...method, rungs } })}
                />
              )}
            </Field>
            <p className={styles['wide']}>
              Trials are looked at after {sharesText(rungShares(method))}. Each has the learning rate of the whole
              length, which a rung cuts off and who goes on takes up again.
            </p>
          </>
        )}
        <Field
          label="Best by"
          help="What trials are told apart by, on the validation pictures. Automatic: what the recipe chooses its best weights by; where the trials change what the loss means, such as by the batch size, what results are told by."
        >
          {({ id }) => (
            <Select
              id={id}
              value={known && objective !== null ? objective : 'auto'}
              options={[
                { value: 'auto', label: 'Automatic' },
                ...metrics.map(({ name, label, inFull = label }) => ({ value: name, label: inFull })),
              ]}
              onChange={(name) => change({ objective: name === 'auto' ? null : name })}
            />
          )}
        </Field>
        <Field label="Seed of the draw" help="The same seed draws the same trials.">
          {({ id }) => (
            <NumberField
              id={id}
              value={seed}
              min={0}
              max={0xffff_ffff}
              integer
              onChange={(value) => change({ seed: value })}
            />
          )}
        </Field>
        {method.type !== 'asha' && (
          <div className={styles['wide']}>
            <Field
              label="Stop weak trials"
              help="Ends a trial that does worse than half of the earlier ones did at the same place (the median rule), from the fifth trial and a quarter of its length on."
              inline
            >
              {({ id }) => <Switch id={id} checked={stopWeak} onChange={(on) => change({ stopWeak: on })} />}
            </Field>
          </div>
        )}
      </div>
      {plan !== null && objective === 'loss' && changesLoss(plan) && (
        <p className={styles['estimate']}>
          The trials change what the loss means, so that losses say little about each other. “Automatic” avoids that.
        </p>
      )}
    </Card>
  );
}

/** `11 %, 33 % and all of their length`. */
function sharesText(shares: readonly number[]): string {
  return `${shares
    .slice(0, -1)
    .map((share) => percent(share, 0))
    .join(', ')} and all of their length`;
}
