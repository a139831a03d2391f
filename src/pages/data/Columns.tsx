import { useMemo } from 'react';
import { Disclosure } from '../../components/Disclosure';
import { count, plural } from '../../components/format';
import { Select, type Option } from '../../components/Select';
import { columnWithRole, isFieldColumn } from '../../dataset/columns';
import type { Column, ColumnRole, Dataset, SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import { columnContents } from './columnContents';
import { useDatasetHolds } from './useDatasetHolds';
import styles from './Columns.module.css';

/** What roles are called, and what they mean. */
const words: Record<ColumnRole, { readonly label: string; readonly hint: string }> = {
  image: { label: 'Picture', hint: 'Each sample is a picture' },
  caption: { label: 'Caption', hint: 'The words that belong to a picture' },
  split: { label: 'Split', hint: 'Training, validation or test' },
  label: { label: 'Label', hint: 'The class that a picture belongs to, or several' },
  group: { label: 'Group', hint: 'What ties pictures together, such as a patient' },
  number: { label: 'Number', hint: 'A quantity that can be predicted' },
  question: { label: 'Question', hint: 'What is asked about a picture' },
  answer: { label: 'Answer', hint: 'What is right to answer' },
  none: { label: 'Not used', hint: 'Kept, and no task takes it' },
};

/** What any column may become but the one of the pictures. */
const choices: readonly Option<ColumnRole>[] = (
  ['none', 'label', 'group', 'number', 'question', 'answer', 'caption', 'split'] as const
).map((value) => ({ value, ...words[value] }));

/** The columns of the dataset in use with a few of their values, and what each of them is to the tasks. */
export function Columns({ dataset }: { readonly dataset: Dataset }) {
  const label = columnWithRole(dataset, 'label');
  return (
    <div className={styles['columns']}>
      <Disclosure
        label={`${plural(dataset.columns.length, 'column')}${label === null ? '' : `, labels in “${label.name}”`}`}
      >
        <ColumnTable dataset={dataset} />
      </Disclosure>
    </div>
  );
}

function ColumnTable({ dataset }: { readonly dataset: Dataset }) {
  const images = useDataStore((state) => state.images);
  const busy = useDatasetHolds(dataset.id).split;
  return (
    <div className={styles['scroll']}>
      <table className={styles['table']} aria-label="Columns">
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Some of its values</th>
            <th scope="col">Different</th>
            <th scope="col">Filled</th>
            <th scope="col">Role</th>
          </tr>
        </thead>
        <tbody>
          {dataset.columns.map((column) => (
            <Row key={column.name} column={column} images={images} busy={busy !== null} />
          ))}
        </tbody>
      </table>
      <p className={styles['note']}>
        {busy ??
          'Numbers and groups may be several columns. Any other role is held by one: given to another, it is taken from the first. A column that becomes the caption or the split changes places with the one that was.'}
      </p>
    </div>
  );
}

interface RowProps {
  readonly column: Column;
  readonly images: readonly SampleRecord[];
  readonly busy: boolean;
}

function Row({ column, images, busy }: RowProps) {
  const { name, role } = column;
  const { examples, different, filled } = useMemo(() => columnContents(column, images), [column, images]);
  return (
    <tr>
      <th scope="row">
        <span className={styles['name']}>{name}</span>
      </th>
      <td className={styles['values']}>{examples.length === 0 ? '–' : examples.join(' · ')}</td>
      <td className={styles['number']}>{count(different)}</td>
      <td className={styles['number']}>{count(filled)}</td>
      <td className={styles['role']}>
        {role === 'image' ? (
          words[role].label
        ) : (
          <Select
            aria-label={`Role of ${name}`}
            value={role}
            // The captions' and the split's columns give up their role only to another that is given it.
            options={isFieldColumn(column) ? choices : [{ value: role, ...words[role] }]}
            disabled={busy}
            onChange={(next) => void useDataStore.getState().setColumnRole(name, next)}
          />
        )}
      </td>
    </tr>
  );
}
