import { cx } from '../../../components/cx';
import { percent } from '../../../components/format';
import type { ClassGuess, ClassifiedPicture } from '../../../tasks/classification/predictions';
import { Thumbnail } from '../../runs/Thumbnail';
import samples from '../samples.module.css';
import styles from './Guesses.module.css';

/**
 * A few validation pictures with what they are taken for, base beside tuned.
 *
 * @param predictions null before the first evaluation
 */
export function Guesses({ predictions }: { readonly predictions: readonly ClassifiedPicture[] | null }) {
  const pictures = predictions ?? [];
  return (
    <section aria-labelledby="predicted-classes">
      <h2 id="predicted-classes">Predicted classes</h2>
      <p className={samples['hint']}>
        {pictures.length === 0
          ? 'Validation pictures with what they are taken for appear here after the first evaluation.'
          : 'Validation pictures: what they are, and what they are taken for.'}
      </p>
      <ul className={samples['list']}>
        {pictures.map(({ imageId, label, base, tuned }) => (
          <li key={imageId} className={samples['sample']}>
            <Thumbnail imageId={imageId} alt={`Picture labelled ${label}`} size={56} />
            <div className={samples['words']}>
              <p className={samples['wanted']} title={label}>
                {label}
              </p>
              <Guess who="base" guess={base} right={base.label === label} />
              <Guess who="tuned" guess={tuned} right={tuned.label === label} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface GuessProps {
  readonly who: 'base' | 'tuned';
  readonly guess: ClassGuess;
  readonly right: boolean;
}

function Guess({ who, guess: { label, probability }, right }: GuessProps) {
  return (
    <p className={cx(samples['said'], styles['guess'])}>
      <span className={samples['side']}>{who}</span>
      <span className={cx(styles['class'], right && styles['right'])} title={label}>
        {right ? '✓ ' : '✗ '}
        {label}
      </span>
      <small>{percent(probability, 0)}</small>
    </p>
  );
}
