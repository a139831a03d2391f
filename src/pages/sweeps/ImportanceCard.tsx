import { useMemo } from 'react';
import { Card } from '../../components/Card';
import { percent } from '../../components/format';
import { infoOf } from '../../recipe/describe';
import { fewest, importanceOf } from '../../sweeps/importance/importance';
import type { Sweep } from '../../sweeps/types';
import styles from './ImportanceCard.module.css';

/** What part of the differences in score each field makes. */
export function ImportanceCard({ sweep }: { readonly sweep: Sweep }) {
  const { fields, trials, seed, recipe, method } = sweep;
  const found = useMemo(() => importanceOf({ fields, trials, seed }), [fields, trials, seed]);
  if (found === null) {
    return (
      <Card title="What matters">
        <p className={styles['muted']}>
          {`Told once ${fewest} trials have been measured that do not all score the same.`}
        </p>
      </Card>
    );
  }
  const together = Math.max(0, 1 - found.reduce((sum, { share }) => sum + share, 0));
  return (
    <Card title="What matters" hint="Share of the differences in score that a field makes by itself (fANOVA).">
      <dl className={styles['bars']}>
        {found.map(({ key, share }) => (
          <Bar key={key} label={infoOf(key, recipe).label} share={share} />
        ))}
        {fields.length > 1 && <Bar label="fields together" share={together} muted />}
      </dl>
      <p className={styles['muted']}>
        {trials.length < 15 && 'With few trials this is a hint, no more. '}
        {method.type === 'asha' && 'By the scores at the lowest rung, to which all trials come.'}
      </p>
    </Card>
  );
}

interface BarProps {
  readonly label: string;
  readonly share: number;
  readonly muted?: boolean;
}

function Bar({ label, share, muted = false }: BarProps) {
  return (
    <div className={styles['row']}>
      <dt className={muted ? styles['muted'] : undefined}>{label}</dt>
      <dd>
        <span className={styles['track']} aria-hidden>
          <i className={muted ? styles['rest'] : undefined} style={{ width: `${100 * share}%` }} />
        </span>
        <span className={styles['value']}>{percent(share, 0)}</span>
      </dd>
    </div>
  );
}
