import { Card } from '../../../components/Card';
import { count, percent } from '../../../components/format';
import type { ClassificationReport, LabelFigures } from '../../../tasks/classification/predictions';
import { cx } from '../../../components/cx';
import figures from '../../../components/figures.module.css';
import { WideTable } from '../../../components/WideTable';
import styles from './LabelTable.module.css';

interface LabelTableProps {
  readonly labels: NonNullable<ClassificationReport['labels']>;
  readonly tunedName: string | null;
}

const columns = [
  { name: 'f1', title: 'F1', meaning: 'high where both precision and recall are' },
  { name: 'precision', title: 'Precision', meaning: 'of the pictures that it is said of, how many have it' },
  { name: 'recall', title: 'Recall', meaning: 'of the pictures that have it, of how many it is said' },
  { name: 'auroc', title: 'AUROC', meaning: 'how often a picture that has it is found more probable than one without' },
  {
    name: 'averagePrecision',
    title: 'Average precision',
    meaning: 'how few pictures without it come before those that have it, the most probable first',
  },
] as const;

/** What is measured of each label by itself, where pictures may have several. */
export function LabelTable({ labels: { base, tuned }, tunedName }: LabelTableProps) {
  const rows = base
    .map((own, place) => ({ own, after: tuned?.[place] ?? null }))
    .sort((a, b) => b.own.pictures - a.own.pictures);
  const hint =
    tuned === null
      ? 'The base model, label by label.'
      : `${tunedName ?? 'The tuned model'}, label by label; below each value, small, that of the base model.`;
  return (
    <Card title="Label by label" hint={hint}>
      <WideTable label="Label by label">
        <table className={cx(figures['table'], styles['table'])}>
          <thead>
            <tr>
              <th scope="col">Label</th>
              <th scope="col">Pictures</th>
              {columns.map(({ name, title, meaning }) => (
                <th key={name} scope="col" title={meaning}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ own, after }) => (
              <tr key={own.label}>
                <th scope="row">{own.label}</th>
                <td>{count(own.pictures)}</td>
                {columns.map(({ name }) => (
                  <td key={name}>
                    {share(after ?? own, name)}
                    {after !== null && <small>{share(own, name)}</small>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </Card>
  );
}

/** Of a label that no picture has, nothing can be said; one that all have puts none before others. */
function share(figures: LabelFigures, name: (typeof columns)[number]['name']): string {
  const value = figures.pictures === 0 ? null : figures[name];
  return value === null ? '–' : percent(value, 1);
}
