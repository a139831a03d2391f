import { count } from '../../components/format';
import { cx } from '../../components/cx';
import type { Issue, IssueId } from './health';
import styles from './HealthTiles.module.css';

/** What a finding is called, and what follows from it. */
const words: Record<IssueId, { readonly one: string; readonly many: string; readonly effect: string }> = {
  'no-caption': {
    one: 'without a caption',
    many: 'without a caption',
    effect: 'take no part until they have one',
  },
  repeated: {
    one: 'shares its caption',
    many: 'share a caption',
    effect: 'kept out of each other’s batches',
  },
  'too-long': { one: 'caption too long', many: 'captions too long', effect: 'the model reads their beginning' },
  tiny: { one: 'tiny', many: 'tiny', effect: 'less than half of what the model sees' },
  extreme: { one: 'very long or tall', many: 'very long or tall', effect: 'the model sees their middle' },
};

interface HealthTilesProps {
  readonly issues: readonly Issue[];
  readonly total: number;
  readonly chosen: IssueId | null;
  readonly onChoose: (issue: IssueId | null) => void;
}

/** Findings on the dataset as tiles; one with pictures shows just them. */
export function HealthTiles({ issues, total, chosen, onChoose }: HealthTilesProps) {
  return (
    <section className={styles['tiles']} aria-label="Health of the dataset">
      {issues.map(({ id, images }) => {
        const { one, many, effect } = words[id];
        const size = images.size;
        if (size === 0 && chosen !== id) {
          return (
            <p key={id} className={cx(styles['tile'], styles['good'])}>
              <b>0</b> {many}
            </p>
          );
        }
        return (
          <button
            key={id}
            type="button"
            className={cx(styles['tile'], size === total && total > 0 && styles['all'])}
            aria-pressed={chosen === id}
            onClick={() => onChoose(chosen === id ? null : id)}
          >
            <span>
              <b>{count(size)}</b> {size === 1 ? one : many}
            </span>
            <small>{effect}</small>
          </button>
        );
      })}
    </section>
  );
}
