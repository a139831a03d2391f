import { Link } from 'wouter';
import { Card } from '../../components/Card';
import { Disclosure } from '../../components/Disclosure';
import { count, duration, percent, plural } from '../../components/format';
import { sinceText } from '../../runs/since';
import { flopsText, takenBy } from '../../runs/taken';
import type { Run } from '../../runs/types';
import { browserVersion } from '../../training/compute/browser-version';
import styles from './AboutCard.module.css';

const dateTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** What a run ran on and with. */
export function AboutCard({ run }: { readonly run: Run }) {
  const { base, dataset, environment, createdAt, since, recipe } = run;
  const { samples, flops, wallSeconds } = takenBy(run);
  const kernels = Object.entries(run.kernels ?? {});
  const rows: readonly (readonly [string, string])[] = [
    ...(since ? [[`Changed`, `${sinceText(since)} (since ${since.name})`] as const] : []),
    ['Started', dateTime.format(createdAt)],
    ['Trained for', `${duration(run.seconds)}${wallSeconds === null ? '' : `, ${duration(wallSeconds)} in all`}`],
    ['Steps', `${count(run.stepsDone)}${samples === null ? '' : ` · ${plural(samples, 'sample')} seen`}`],
    ['Computed', flops === null ? 'not noted' : `about ${flopsText(flops)}`],
    ['Seed', String(recipe.seed)],
    ['Data', dataset.name],
    [
      'Pictures',
      `${count(dataset.train)} train · ${count(dataset.validation)} validation · ${count(dataset.test)} test`,
    ],
    ...(dataset.split
      ? [
          [
            'Split',
            `${percent(dataset.split.validation, 0)} validation, ${percent(dataset.split.test, 0)} test, seed ${dataset.split.seed}`,
          ] as const,
        ]
      : []),
    ['Fingerprint', dataset.fingerprint.slice(0, 16)],
    ['Base weights', base === null ? 'not noted by the version that trained it' : base.digest.slice(0, 16)],
    ...(base?.revision ? [['Revision', base.revision] as const] : []),
    ['Weights kept', weightsKept(run)],
    ['Backend', computedOn(run)],
    ['Adapter', environment.adapter ?? 'none'],
    ['Browser', browserVersion(environment.userAgent)],
    ['Studio', environment.version],
  ];
  return (
    <Card
      title="Data and machine"
      actions={
        run.sweep ? <Link href={`/runs/sweeps/${run.sweep.id}`}>Trial {run.sweep.trial} of a sweep</Link> : undefined
      }
    >
      <dl className={styles['list']}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={inFull(run, name) ?? value}>{value}</dd>
          </div>
        ))}
      </dl>
      {kernels.length > 0 && (
        <Disclosure label="Kernels">
          <dl className={styles['list']}>
            {kernels.map(([computes, name]) => (
              <div key={computes}>
                <dt title={computes}>{computes}</dt>
                <dd title={name}>{name}</dd>
              </div>
            ))}
          </dl>
        </Disclosure>
      )}
    </Card>
  );
}

function weightsKept({ weightsStep, tensors }: Run): string {
  if (weightsStep === null) return 'none';
  return weightsStep === 0
    ? 'those of the base model'
    : `step ${count(weightsStep)}, ${plural(tensors.length, 'tensor')}`;
}

/** What it began on, and what it went on with. */
function computedOn({ environment, events }: Run): string {
  const later = events.flatMap((event) =>
    event.kind === 'other-device' ? [`from step ${count(event.step)} on ${event.to}`] : [],
  );
  return [environment.backend, ...later].join(', ');
}

/** What is too long for the card. */
function inFull({ base, dataset, environment }: Run, name: string): string | undefined {
  return { Fingerprint: dataset.fingerprint, Browser: environment.userAgent, 'Base weights': base?.digest }[name];
}
