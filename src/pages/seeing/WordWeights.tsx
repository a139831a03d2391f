import type { WordWeight } from '../../protocol/attention';
import { percent } from '../../components/format';
import { cx } from '../../components/cx';
import { spread } from './heat';
import spoken from '../../components/spoken.module.css';
import styles from './WordWeights.module.css';

interface WordWeightsProps {
  readonly words: readonly WordWeight[];
  readonly way: 'relevance' | 'rollout';
}

/** The words of a text, the darker the more weight they have. The numbers are read out, and shown on hover. */
export function WordWeights({ words, way }: WordWeightsProps) {
  const shades = spread(words.map((word) => (word.cut ? 0 : word[way])));
  return (
    <ol className={styles['words']} aria-label="Weights of the words">
      {words.map((word, at) => {
        const { text, cut } = word;
        const share = cut ? 'not read: the text is too long' : percent(word[way], 0);
        return (
          <li
            // Words repeat; their places do not.
            key={at}
            className={cx(styles['word'], cut && styles['cut'])}
            style={{ '--shade': `${Math.round(8 + 62 * (shades[at] ?? 0))}%` } as React.CSSProperties}
            title={share}
          >
            {text}
            <small>{cut ? '' : percent(word[way], 0)}</small>
            {cut && <span className={spoken['spoken']}> {share}</span>}
          </li>
        );
      })}
    </ol>
  );
}

interface WrittenWordsProps {
  readonly words: readonly WordWeight[];
  /** Place of the word whose map is shown; null: the mean of all. */
  readonly chosen: number | null;
  readonly onChoose: (place: number | null) => void;
}

/** Words that a model has written; one that is chosen shows where it looked. */
export function WrittenWords({ words, chosen, onChoose }: WrittenWordsProps) {
  return (
    <ol className={styles['words']} aria-label="Written words">
      {words.map(({ text }, at) => (
        // Words repeat; their places do not.
        <li key={at}>
          <button
            type="button"
            className={styles['written']}
            aria-pressed={at === chosen}
            onClick={() => onChoose(at === chosen ? null : at)}
          >
            {text}
          </button>
        </li>
      ))}
    </ol>
  );
}
