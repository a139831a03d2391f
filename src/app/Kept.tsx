import { useEffect } from 'react';
import { Button } from '../components/Button';
import { bytes } from '../components/format';
import { useKeptStore } from '../stores/kept';
import { useRunStore } from '../stores/run';
import styles from './Machine.module.css';

/** What this browser keeps for the studio, and the part of it that can go without loss. */
export function Kept() {
  const { storage, features, refresh, clearFeatures } = useKeptStore();
  const training = useRunStore(
    ({ active, runs }) => active !== null || runs?.some(({ state }) => state === 'running') === true,
  );
  useEffect(() => void refresh(), [refresh, training]);
  const reason = training
    ? 'The run in progress uses them. Clear them when it has ended.'
    : features === 0
      ? 'There are none.'
      : null;
  return (
    <section className={styles['kept']}>
      <h3>What this browser keeps</h3>
      <dl className={styles['facts']}>
        {storage !== null && (
          <>
            <dt>In all</dt>
            <dd>
              {bytes(storage.usage)} of {bytes(storage.quota)}
            </dd>
          </>
        )}
        <dt>Outputs of frozen layers</dt>
        <dd className={styles['clearable']}>
          {features === null ? '…' : bytes(features)}
          <Button size="s" disabledReason={reason} onClick={() => void clearFeatures()}>
            Clear
          </Button>
        </dd>
      </dl>
      <p className={styles['note']}>
        They let a later run on the same pictures start at once. What is cleared is computed again when it is needed;
        the oldest go by themselves when room is short.
      </p>
    </section>
  );
}
