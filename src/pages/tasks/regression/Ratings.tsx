import { numberText } from '../../../tasks/regression/numbers';
import type { RatedPicture } from '../../../tasks/regression/predictions';
import { Thumbnail } from '../../runs/Thumbnail';
import samples from '../samples.module.css';
import styles from './Ratings.module.css';

/**
 * A few validation samples with the numbers that they are given.
 *
 * @param predictions null before the first evaluation
 */
export function Ratings({ predictions }: { readonly predictions: readonly RatedPicture[] | null }) {
  const pictures = predictions ?? [];
  return (
    <section aria-labelledby="predicted-numbers">
      <h2 id="predicted-numbers">Predicted numbers</h2>
      <p className={samples['hint']}>
        {pictures.length === 0
          ? 'Validation samples with the numbers that are predicted for them appear here after the first evaluation.'
          : 'Validation samples with their true numbers, and what is predicted.'}
      </p>
      <ul className={samples['list']}>
        {pictures.map(({ imageId, numbers }) => (
          <li key={imageId} className={samples['sample']}>
            <Thumbnail imageId={imageId} alt="Validation sample" size={56} />
            <dl className={styles['numbers']}>
              {numbers.map(({ name, wanted, tuned }) => (
                <div key={name}>
                  <dt title={name}>{name}</dt>
                  <dd>
                    {wanted === null ? 'unknown' : numberText(wanted)}
                    <small> predicted </small>
                    <b>{numberText(tuned)}</b>
                  </dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}
