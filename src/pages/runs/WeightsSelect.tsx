import { useId, useMemo } from 'react';
import { Select } from '../../components/Select';
import { chosenRun, usableRuns, useChosenWeights } from '../../stores/chosenWeights';
import type { Run } from '../../runs/types';
import { useRunStore } from '../../stores/run';
import { resultChange, runResult } from './result';
import styles from './WeightsSelect.module.css';

/** The run that Evaluate, Playground and Export are about; null for the base model. */
export function useChosenRun(): Run | null {
  const choice = useChosenWeights((state) => state.choice);
  return chosenRun(choice, useUsableRuns());
}

function useUsableRuns(): readonly Run[] {
  const runs = useRunStore((state) => state.runs);
  const unstored = useRunStore((state) => state.unstored);
  return useMemo(() => usableRuns(runs, unstored), [runs, unstored]);
}

/** Which weights a page is about: a run's or the base model's. */
export function WeightsSelect() {
  const labelId = useId();
  const choose = useChosenWeights((state) => state.choose);
  const runs = useUsableRuns();
  const run = useChosenRun();
  const options = [
    ...runs.map((each) => ({ value: each.id, label: each.name, hint: hintOf(each) })),
    { value: 'base', label: 'Base model alone', hint: 'As it was before any training' },
  ];
  return (
    <div className={styles['select']}>
      <span id={labelId}>Weights</span>
      <Select aria-labelledby={labelId} value={run?.id ?? 'base'} onChange={choose} options={options} />
    </div>
  );
}

function hintOf(run: Run): string {
  const result = runResult(run);
  if (result === null) return `${run.dataset.name}, not evaluated`;
  const { label, before, after } = resultChange(result);
  return `${run.dataset.name} · ${label} ${before} → ${after} %`;
}
