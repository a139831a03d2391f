import { useMemo } from 'react';
import { count, ordinal } from '../../../components/format';
import { useDataStore } from '../../../stores/data';
import type { Mistake } from '../../../tasks/contrastive/predictions';
import { Thumbnail } from '../../runs/Thumbnail';
import styles from './Mistakes.module.css';

/** Captions shown that the model preferred. */
const shown = 3;

interface MistakesProps {
  /** Worst first. */
  readonly mistakes: readonly Mistake[];
  /** Distinct captions that were ranked. */
  readonly captions: number;
  /** Whose mistakes they are. */
  readonly who: string;
}

/** Pictures whose own caption ranks badly, with what the model took them for. */
export function Mistakes({ mistakes, captions, who }: MistakesProps) {
  const images = useDataStore((state) => state.images);
  const pictureOf = useMemo(
    () => new Map(images.flatMap((image) => image.captions.map((caption) => [caption, image.id] as const))),
    [images],
  );
  return (
    <section aria-labelledby="worst-mistakes">
      <h2 id="worst-mistakes">Worst mistakes</h2>
      <p className={styles['hint']}>
        {mistakes.length === 0
          ? `None: ${who} puts every picture's own caption first.`
          : `Pictures whose own caption ${who} ranks lowest, and the captions that it preferred. Some may be labelled wrongly.`}
      </p>
      <ul className={styles['grid']}>
        {mistakes.map((mistake) => (
          <li key={mistake.imageId} className={styles['card']}>
            <Thumbnail imageId={mistake.imageId} alt={`Picture of ${mistake.caption}`} size={104} />
            <div className={styles['words']}>
              <p className={styles['own']} title={mistake.caption}>
                {mistake.caption}
              </p>
              <p className={styles['rank']}>
                the right caption came {ordinal(mistake.rank)} of {count(captions)}
              </p>
              <ol className={styles['preferred']} aria-label="Preferred captions">
                {mistake.preferred.slice(0, shown).map(({ caption, score }) => (
                  <li key={caption} title={caption}>
                    <Thumbnail imageId={pictureOf.get(caption) ?? ''} alt="" size={24} />
                    <span>{caption}</span>
                    <small>{score.toFixed(2)}</small>
                  </li>
                ))}
              </ol>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
