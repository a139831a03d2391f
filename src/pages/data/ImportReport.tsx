import { Download } from 'lucide-react';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { count, plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { saveText } from '../../components/saveFile';
import type { IntakeReport } from '../../dataset/types';
import styles from './ImportReport.module.css';

/** So many files are listed on the page; the saved list has all. */
const listed = 500;

interface ImportReportProps {
  readonly report: IntakeReport;
  readonly onDismiss: () => void;
}

/** What an import took, what it guessed or decided, and every file that it did not take with the reason. */
export function ImportReport({ report, onDismiss }: ImportReportProps) {
  const {
    format,
    added,
    duplicates,
    captions,
    captioned,
    questions,
    withoutCaption,
    columns,
    filled,
    rejected,
    notes,
  } = report;
  const nothing = added === 0 && duplicates === 0 && captioned === 0 && filled === 0;
  const facts = [
    captions > 0 || (questions === 0 && columns.length === 0) ? plural(captions, 'caption') : null,
    questions > 0 ? plural(questions, 'question') : null,
    captioned > 0 ? `${plural(captioned, 'stored picture')} captioned` : null,
    columns.length > 0
      ? `${plural(columns.length, captions > 0 ? 'more column' : 'column')} (${namesOf(columns)})`
      : null,
    filled > 0 ? `${plural(filled, 'stored picture')} filled in` : null,
    duplicates > 0 ? `${plural(duplicates, 'duplicate')} not stored twice` : null,
    withoutCaption > 0 ? `${plural(withoutCaption, 'picture')} without a caption` : null,
  ].filter((fact) => fact !== null);
  const needsLook = rejected.length > 0 || notes.length > 0 || withoutCaption > 0 || added + captioned + filled === 0;
  return (
    <Notice tone={needsLook ? 'warn' : 'ok'} title={titleOf(report)} onDismiss={onDismiss}>
      {!nothing && (
        <p>
          Read as {format}: {facts.join(', ')}.
        </p>
      )}
      {nothing && rejected.length === 0 && <p>The captions in these files are stored already.</p>}
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {rejected.length > 0 && (
        <Disclosure label={`${plural(rejected.length, 'file')} not taken`} defaultOpen={rejected.length <= 5}>
          <ul className={styles['list']}>
            {rejected.slice(0, listed).map(({ path, reason }, index) => (
              <li key={`${index} ${path}`}>
                <code>{path}</code> {reason.startsWith(path) ? reason.slice(path.length) : reason}
              </li>
            ))}
          </ul>
          <div className={styles['foot']}>
            {rejected.length > listed && <small>and {count(rejected.length - listed)} more</small>}
            <Button
              size="s"
              icon={<Download aria-hidden />}
              onClick={() =>
                saveText('files-not-taken.txt', rejected.map(({ path, reason }) => `${path}\t${reason}`).join('\n'))
              }
            >
              Save the list
            </Button>
          </div>
        </Disclosure>
      )}
    </Notice>
  );
}

/** So many columns are named. */
const namedColumns = 5;

function namesOf(columns: readonly string[]): string {
  return `${columns.slice(0, namedColumns).join(', ')}${columns.length > namedColumns ? ', …' : ''}`;
}

function titleOf({ added, duplicates, captions, captioned, filled }: IntakeReport): string {
  if (added > 0) return `${plural(added, 'picture')} added`;
  if (captioned > 0) return `${plural(captions, 'caption')} added`;
  if (filled > 0) return `Columns of ${plural(filled, 'picture')} filled`;
  return duplicates > 0 ? 'No new pictures' : 'Nothing was added';
}
