import { ArrowDown, ArrowUp } from 'lucide-react';
import rows from './rows.module.css';

interface ColumnHeadingProps {
  readonly title: string;
  /** Whether the column holds numbers, which stand at the right. */
  readonly number?: boolean;
  /** How the table is sorted by this column; null where it is sorted by another. */
  readonly sorted: 'ascending' | 'descending' | null;
  /** Null where the column cannot be sorted by. */
  readonly onSort: (() => void) | null;
}

/** The heading of a column of a table, which sorts it at a press. */
export function ColumnHeading({ title, number = false, sorted, onSort }: ColumnHeadingProps) {
  return (
    <th scope="col" className={number ? rows['number'] : undefined} aria-sort={sorted ?? undefined}>
      {onSort === null ? (
        title
      ) : (
        <button type="button" className={rows['sort']} onClick={onSort}>
          {title}
          {sorted !== null && (sorted === 'descending' ? <ArrowDown aria-hidden /> : <ArrowUp aria-hidden />)}
        </button>
      )}
    </th>
  );
}
