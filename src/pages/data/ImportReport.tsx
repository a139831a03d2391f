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

/** What an import took, and every file that it did not take with the reason. */
export function ImportReport({ report, onDismiss }: ImportReportProps) {
  const { format, added, duplicates, captions, withoutCaption, rejected } = report;
  const nothing = added === 0 && duplicates === 0;
  const facts = [
    `${plural(captions, 'caption')}`,
    duplicates > 0 ? `${plural(duplicates, 'duplicate')} not stored twice` : null,
    withoutCaption > 0 ? `${plural(withoutCaption, 'picture')} without a caption` : null,
  ].filter((fact) => fact !== null);
  return (
    <Notice
      tone={rejected.length > 0 || withoutCaption > 0 || added === 0 ? 'warn' : 'ok'}
      title={nothing ? 'Nothing was added' : added === 0 ? 'No new pictures' : `${plural(added, 'picture')} added`}
      onDismiss={onDismiss}
    >
      {!nothing && (
        <p>
          Read as {format}: {facts.join(', ')}.
        </p>
      )}
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
