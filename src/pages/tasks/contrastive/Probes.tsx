import type { ProbeRanking } from '../../../tasks/contrastive/predictions';
import { Thumbnail } from '../../runs/Thumbnail';
import styles from './Probes.module.css';

/** Pictures shown a row. */
const shown = 5;

/** A few validation captions with the pictures they find, base beside tuned, the right one ringed. */
/** @param predictions null before the first evaluation */
export function Probes({ predictions }: { readonly predictions: readonly ProbeRanking[] | null }) {
  const probes = predictions ?? [];
  return (
    <section aria-labelledby="what-it-finds">
      <h2 id="what-it-finds">What it finds</h2>
      <p className={styles['hint']}>
        {probes.length === 0
          ? 'Validation captions with the pictures they find appear here after the first evaluation.'
          : 'Validation captions, and the pictures they find first. Ringed: the right one.'}
      </p>
      <ul className={styles['probes']}>
        {probes.map((probe) => (
          <li key={probe.caption} className={styles['probe']}>
            <p className={styles['caption']} title={probe.caption}>
              “{probe.caption}”
            </p>
            <Row who="base" ranking={probe.base} correct={probe.correct} />
            <Row who="tuned" ranking={probe.tuned} correct={probe.correct} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly who: 'base' | 'tuned';
  readonly ranking: readonly string[];
  readonly correct: readonly string[];
}

function Row({ who, ranking, correct }: RowProps) {
  const place = ranking.findIndex((id) => correct.includes(id));
  const words = place < 0 ? `not among the first ${ranking.length}` : `at place ${place + 1}`;
  return (
    <div className={styles['row']} role="img" aria-label={`${who}: the right picture is ${words}`}>
      <span className={who === 'base' ? styles['base'] : styles['tuned']}>{who}</span>
      {ranking.slice(0, shown).map((id) => (
        <Thumbnail key={id} imageId={id} alt="" hit={correct.includes(id)} size={42} />
      ))}
    </div>
  );
}
