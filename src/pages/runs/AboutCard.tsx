import { Card } from '../../components/Card';
import { count, plural } from '../../components/format';
import type { Run } from '../../runs/types';
import { browserVersion } from '../../training/browser-version';
import styles from './AboutCard.module.css';

const dateTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** What a run ran on and with. */
export function AboutCard({ run }: { readonly run: Run }) {
  const { dataset, environment, createdAt, weightsStep, tensors } = run;
  const rows: readonly (readonly [string, string])[] = [
    ['Begun', dateTime.format(createdAt)],
    ['Data', dataset.name],
    [
      'Pictures',
      `${count(dataset.train)} train · ${count(dataset.validation)} validation · ${count(dataset.test)} test`,
    ],
    ['Fingerprint', dataset.fingerprint.slice(0, 16)],
    ['Weights kept', weightsStep === null ? 'none' : `step ${count(weightsStep)}, ${plural(tensors.length, 'tensor')}`],
    ['Backend', environment.backend],
    ['Adapter', environment.adapter ?? 'none'],
    ['Browser', browserVersion(environment.userAgent)],
    ['Studio', environment.version],
  ];
  return (
    <Card title="Data and machine">
      <dl className={styles['list']}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd
              title={name === 'Fingerprint' ? dataset.fingerprint : name === 'Browser' ? environment.userAgent : value}
            >
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
