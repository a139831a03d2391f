import type { WordWeight } from '../../protocol/protocol';
import { percent } from '../../components/format';
import { cx } from '../../components/cx';
import { spread } from './heat';
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
            {cut && <span className={styles['spoken']}> {share}</span>}
          </li>
        );
      })}
    </ol>
  );
}
