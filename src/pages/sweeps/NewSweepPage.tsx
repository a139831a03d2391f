import { useMemo } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { Select } from '../../components/Select';
import { blockingReason } from '../../recipe/checks';
import { infoOf, summarize } from '../../recipe/describe';
import type { RecipeKey } from '../../recipe/fields';
import { useDataStore } from '../../stores/data';
import { useRecipeStore } from '../../stores/recipe';
import { useRunStore } from '../../stores/run';
import { useSweepDraft } from '../../stores/sweepDraft';
import { useSweeps } from '../../stores/sweeps';
import { planProblems, proposedFields, proposedRange, sweepable, sweepName } from '../../sweeps/fields';
import type { SweepPlan } from '../../sweeps/types';
import { useReadiness } from '../useReadiness';
import { useSplitCounts } from '../useSplitCounts';
import { BudgetCard } from './BudgetCard';
import { MethodCard } from './MethodCard';
import { RangeEditor } from './RangeEditor';
import layout from '../layout.module.css';
import styles from './NewSweepPage.module.css';

/** A sweep is put together here: what varies, how values are chosen, and how much is spent. */
export function NewSweepPage() {
  const [, navigate] = useLocation();
  const plan = usePlan();
  const start = useSweeps((state) => state.start);
  const problem = useSweeps((state) => state.problem);
  const reason = useReason(plan);
  return (
    <>
      <PageHeader
        title="New sweep"
        summary="Trains the current recipe several times, each time with other values, and finds those that do best on the validation pictures."
        actions={
          <Button
            variant="primary"
            disabledReason={reason}
            onClick={() => {
              if (plan === null) return;
              void start(plan).then((id) => {
                if (id !== null) navigate(`/runs/sweeps/${id}`);
              });
            }}
          >
            Start the sweep
          </Button>
        }
      />
      <div className={layout['stack']}>
        {problem !== null && <Notice tone="error">{problem}</Notice>}
        <RecipeLine />
        <FieldsCard />
        <div className={layout['beside']}>
          <MethodCard plan={plan} />
          <BudgetCard plan={plan} />
        </div>
      </div>
    </>
  );
}

/** What the draft comes to with the recipe and the data in use; null while there is no dataset. */
function usePlan(): SweepPlan | null {
  const recipe = useRecipeStore((state) => state.recipe);
  const dataset = useDataStore((state) => state.dataset);
  const draft = useSweepDraft();
  return useMemo(() => {
    if (dataset === null) return null;
    const keys = sweepable(recipe);
    const { method, budget, objective, stopWeak, seed } = draft;
    const fields = (draft.fields ?? proposedFields(recipe)).filter(({ key }) => keys.includes(key));
    return {
      name: sweepName(fields, recipe),
      dataset: { id: dataset.id, name: dataset.name },
      recipe,
      fields: [...fields],
      method,
      budget,
      objective,
      stopWeak: stopWeak && method.type !== 'asha',
      seed,
    };
  }, [recipe, dataset, draft]);
}

/** Why the sweep cannot be started now; null where it can. */
function useReason(plan: SweepPlan | null): string | null {
  const findings = useReadiness();
  const { validation } = useSplitCounts();
  const runs = useRunStore((state) => state.runs);
  const blocked = blockingReason(findings);
  if (blocked !== null) return blocked;
  if (plan === null) return 'There are no pictures yet.';
  if (validation === 0) return 'There are no validation pictures, by which trials are told apart.';
  const elsewhere = runs?.find(({ state }) => state === 'running');
  if (elsewhere !== undefined) return `The run ${elsewhere.name} is training in another tab.`;
  return planProblems(plan)[0] ?? null;
}

function RecipeLine() {
  const recipe = useRecipeStore((state) => state.recipe);
  const dataset = useDataStore((state) => state.dataset);
  return (
    <p className={styles['muted']}>
      Current recipe: {summarize(recipe)} (<Link href="/recipe">change</Link>)
      {dataset !== null && ` · data: ${dataset.name}`}
    </p>
  );
}

function FieldsCard() {
  const recipe = useRecipeStore((state) => state.recipe);
  const drafted = useSweepDraft((state) => state.fields);
  const change = useSweepDraft((state) => state.change);
  const keys = useMemo(() => sweepable(recipe), [recipe]);
  const fields = useMemo(
    () => (drafted ?? proposedFields(recipe)).filter(({ key }) => keys.includes(key)),
    [drafted, recipe, keys],
  );
  const left = keys.filter((key) => !fields.some((field) => field.key === key));
  const add = (key: RecipeKey): void => change({ fields: [...fields, { key, range: proposedRange(key, recipe) }] });
  return (
    <Card
      title="What varies"
      hint="All else is as the recipe says, the seed too, so that trials differ in nothing else."
    >
      <ul className={styles['fields']}>
        {fields.map((field) => (
          <RangeEditor
            key={field.key}
            field={field}
            recipe={recipe}
            onChange={(range) =>
              change({ fields: fields.map((each) => (each.key === field.key ? { key: each.key, range } : each)) })
            }
            onRemove={() => change({ fields: fields.filter(({ key }) => key !== field.key) })}
          />
        ))}
      </ul>
      {fields.length === 0 && <p className={styles['muted']}>Nothing yet. Choose a field.</p>}
      {left.length > 0 && (
        <div className={styles['add']}>
          <Select
            aria-label="Vary another field"
            placeholder="Vary another field …"
            value={null}
            options={left.map((key) => ({ value: key, label: infoOf(key, recipe).label }))}
            onChange={add}
          />
        </div>
      )}
    </Card>
  );
}
