import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { ColumnHeading } from '../../components/ColumnHeading';
import { cx } from '../../components/cx';
import { count, duration } from '../../components/format';
import rowStyles from '../../components/rows.module.css';
import { summarize } from '../../recipe/describe';
import { coloursOf } from '../../runs/colours';
import { sinceText } from '../../runs/since';
import { tagsIn, tagsText } from '../../runs/tags';
import { testResult } from '../../runs/tested';
import type { StoredRun } from '../../runs/types';
import { useRunStore } from '../../stores/run';
import { useRunTable, type SortKey } from '../../stores/runTable';
import { taskOf } from '../../tasks';
import { headlineChange, resultChange, runResult, type HeadlineChange } from '../runs/result';
import { stateLabel } from '../runs/stateLabel';
import { timeAgo } from '../runs/timeAgo';
import { useNow } from '../runs/useNow';
import { EditableCell } from './EditableCell';
import type { TableRow } from './rows';
import styles from './RunTable.module.css';

interface Column {
  readonly title: string;
  /** Null: it cannot be sorted by. */
  readonly sort: SortKey | null;
  readonly number?: boolean;
  /** As of a `col`. Widths do not follow what stands in the rows, since only some of these exist at a time. */
  readonly width: string;
}

/** All of them fit beside the rail at 1280 pixels; what a window has more goes to words. */
const columns: readonly Column[] = [
  { title: 'Name', sort: 'name', width: '17%' },
  { title: 'Validation', sort: 'validation', number: true, width: '86px' },
  { title: 'Test', sort: 'test', number: true, width: '82px' },
  { title: 'Changed', sort: null, width: '13%' },
  { title: 'Data', sort: 'data', width: '9%' },
  { title: 'State', sort: 'state', width: '84px' },
  { title: 'Steps', sort: 'steps', number: true, width: '56px' },
  { title: 'Time', sort: 'time', number: true, width: '60px' },
  { title: 'Started', sort: 'begun', number: true, width: '76px' },
  { title: 'Tags and notes', sort: null, width: 'auto' },
];

/** Height of a row until it has been drawn. */
const rowHeight = 54;

interface RunTableProps {
  readonly rows: readonly TableRow<StoredRun>[];
  /** All runs, newest first. */
  readonly runs: readonly StoredRun[];
}

/** Runs beside each other; only the rows near the window exist, and the space of the others is kept. */
export function RunTable({ rows, runs }: RunTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.key ?? index,
  });
  const colours = useMemo(() => coloursOf(runs), [runs]);
  const shown = useMemo(() => rows.flatMap((row) => (row.kind === 'run' ? [row.run] : [])), [rows]);
  const now = useNow();
  const drawn = virtualizer.getVirtualItems();
  const above = (drawn[0]?.start ?? top) - top;
  const below = virtualizer.getTotalSize() - ((drawn.at(-1)?.end ?? top) - top);
  return (
    <div className={rowStyles['scroll']}>
      <table className={cx(rowStyles['table'], styles['table'])} aria-rowcount={rows.length + 1}>
        <colgroup>
          <col style={{ width: 30 }} />
          {columns.map(({ title, width }) => (
            <col key={title} style={{ width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className={styles['check']}>
              <Chooser label="Choose all runs shown" runs={shown} />
            </th>
            {columns.map((column) => (
              <Heading key={column.title} column={column} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          <Space height={above} />
          {drawn.map(({ index, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const place = { 'aria-rowindex': index + 2, 'data-index': index, ref: virtualizer.measureElement };
            return row.kind === 'group' ? (
              <tr key={key} {...place} className={styles['groupRow']}>
                <td className={styles['check']}>
                  <Chooser label={`Choose all of ${row.label}`} runs={row.runs} />
                </td>
                <th scope="rowgroup" colSpan={columns.length}>
                  {row.label} <small>{count(row.runs.length)}</small>
                </th>
              </tr>
            ) : (
              <tr key={key} {...place}>
                <Cells run={row.run} colour={colours.get(row.run.id) ?? 1} now={now} />
              </tr>
            );
          })}
          <Space height={below} />
        </tbody>
      </table>
    </div>
  );
}

/** Chooses several runs at once, or takes them back once all of them are chosen. */
function Chooser({ label, runs }: { readonly label: string; readonly runs: readonly StoredRun[] }) {
  const chosen = useRunTable((state) => state.chosen);
  const ids = [...new Set(runs.map(({ id }) => id))];
  const count = ids.filter((id) => chosen.includes(id)).length;
  const all = count === ids.length;
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={all}
      ref={(box) => {
        if (box !== null) box.indeterminate = count > 0 && !all;
      }}
      onChange={() => {
        const others = chosen.filter((id) => !ids.includes(id));
        useRunTable.getState().choose(all ? others : [...chosen, ...ids.filter((id) => !chosen.includes(id))]);
      }}
    />
  );
}

/** Stands for rows that are not drawn. */
function Space({ height }: { readonly height: number }) {
  return height <= 0 ? null : (
    <tr aria-hidden>
      <td className={styles['space']} colSpan={columns.length + 1} style={{ height }} />
    </tr>
  );
}

function Heading({ column: { title, sort, number = false } }: { readonly column: Column }) {
  const view = useRunTable((state) => state.view);
  const change = useRunTable((state) => state.change);
  const sorted = sort !== null && view.sort === sort;
  return (
    <ColumnHeading
      title={title}
      number={number}
      sorted={sorted ? (view.descending ? 'descending' : 'ascending') : null}
      // What one looks for first is the newest, the best, the longest; of words the first.
      onSort={sort === null ? null : () => change({ sort, descending: sorted ? !view.descending : number })}
    />
  );
}

interface CellsProps {
  readonly run: StoredRun;
  readonly colour: number;
  readonly now: number;
}

function Cells({ run, colour, now }: CellsProps) {
  const { toggle } = useRunTable.getState();
  const chosen = useRunTable((state) => state.chosen.includes(run.id));
  const annotate = useRunStore((state) => state.annotate);
  const result = runResult(run);
  const test = testResult(run);
  const changed = run.since ? sinceText(run.since) : '–';
  const recipe = summarize(run.recipe);
  const busy = run.state === 'running' ? 'It can be written once the run has ended.' : null;
  return (
    <>
      <td className={styles['check']}>
        <input type="checkbox" aria-label={`Choose ${run.name}`} checked={chosen} onChange={() => toggle(run.id)} />
      </td>
      <th scope="row">
        <span className={styles['name']}>
          <i className={styles['swatch']} style={{ background: `var(--run-${colour})` }} aria-hidden />
          <Link href={`/runs/${run.id}`}>{run.name}</Link>
        </span>
        <span className={styles['recipe']} title={recipe}>
          {recipe}
        </span>
      </th>
      <td className={rowStyles['number']}>{result === null ? '–' : <Result change={resultChange(result)} />}</td>
      <td className={rowStyles['number']}>
        {test === null ? '–' : <Result change={headlineChange({ task: taskOf(run.recipe), ...test })} />}
      </td>
      <td title={run.since ? `Since ${run.since.name}: ${changed}` : undefined}>
        <span className={styles['lines']}>{changed}</span>
      </td>
      <td title={run.dataset.name}>
        <span className={styles['lines']}>{run.dataset.name}</span>
      </td>
      <td>{stateLabel[run.state]}</td>
      <td className={rowStyles['number']}>{count(run.stepsDone)}</td>
      <td className={rowStyles['number']}>{duration(run.seconds)}</td>
      <td className={rowStyles['number']}>{timeAgo(run.createdAt, now)}</td>
      <td className={styles['words']}>
        <EditableCell
          label={`Tags of ${run.name}`}
          value={tagsText(run.tags)}
          maxLength={400}
          disabledReason={busy}
          add="Add tags"
          onSave={(typed) => void annotate(run.id, { tags: tagsIn(typed) })}
        />
        <EditableCell
          label={`Notes of ${run.name}`}
          add="Add notes"
          value={run.remarks}
          maxLength={2000}
          disabledReason={busy}
          onSave={(remarks) => void annotate(run.id, { remarks })}
        />
      </td>
    </>
  );
}

function Result({ change: { label, before, after, gain, interval, verdict } }: { readonly change: HeadlineChange }) {
  return (
    <span
      title={`${label} ${before} → ${after}: ${gain}${interval === null ? '' : `, 95 % interval ${interval}`}`}
      className={verdict === null ? undefined : cx(styles[verdict])}
    >
      {after}
      <small className={styles['label']}>{label}</small>
    </span>
  );
}
