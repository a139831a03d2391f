import { CircleCheck } from 'lucide-react';
import { count } from '../../components/format';
import { cx } from '../../components/cx';
import type { TaughtBy } from '../../dataset/taught';
import type { Issue, IssueId } from './health';
import styles from './HealthTiles.module.css';

/** What a finding is called, and what follows from it. */
const words: Record<
  Exclude<IssueId, 'untaught'>,
  { readonly one: string; readonly many: string; readonly effect: string }
> = {
  repeated: {
    one: 'shares its caption',
    many: 'share a caption',
    effect: 'kept out of each other’s batches',
  },
  'too-long': { one: 'caption too long', many: 'captions too long', effect: 'the model reads their beginning' },
  tiny: { one: 'tiny', many: 'tiny', effect: 'less than half of what the model sees' },
  extreme: { one: 'very long or tall', many: 'very long or tall', effect: 'the model sees their middle' },
  excluded: { one: 'excluded', many: 'excluded', effect: 'take no part until they are taken back' },
};

/** What pictures lack of which there is nothing to learn. */
const lacks: Record<TaughtBy, string> = {
  captions: 'without a caption',
  labels: 'without a label',
  numbers: 'without a number',
  questions: 'without an answered question',
};

interface HealthTilesProps {
  /** What the recipe teaches from. */
  readonly by: TaughtBy;
  readonly issues: readonly Issue[];
  readonly total: number;
  readonly chosen: IssueId | null;
  readonly onChoose: (issue: IssueId | null) => void;
}

/** Findings on the dataset as tiles, each of which shows just its pictures; without any, a line that says so. */
export function HealthTiles({ by, issues, total, chosen, onChoose }: HealthTilesProps) {
  // The chosen one stays when its last picture is corrected, so that it can be let go.
  const found = issues.filter(({ id, images }) => images.size > 0 || id === chosen);
  return (
    <section className={styles['tiles']} aria-label="Health of the dataset">
      {found.length === 0 && (
        <p className={styles['good']}>
          <CircleCheck aria-hidden />
          No problems found
        </p>
      )}
      {found.map(({ id, images }) => {
        const { one, many, effect } =
          id === 'untaught'
            ? { one: lacks[by], many: lacks[by], effect: 'take no part until they have one' }
            : words[id];
        const size = images.size;
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
