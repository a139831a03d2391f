import { cx } from '../../../components/cx';
import type { WrittenSample } from '../../../tasks/words/predictions';
import { Thumbnail } from '../../runs/Thumbnail';
import list from '../samples.module.css';
import styles from './WrittenTexts.module.css';

interface WrittenTextsProps {
  readonly title: string;
  /** What will be shown, before the first evaluation. */
  readonly before: string;
  readonly hint: string;
  /** Null before the first evaluation. */
  readonly predictions: readonly WrittenSample[] | null;
}

/** A few validation samples with what base and tuned model write for them. */
export function WrittenTexts({ title, before, hint, predictions }: WrittenTextsProps) {
  const samples = predictions ?? [];
  const id = title.toLowerCase().replaceAll(' ', '-');
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className={list['hint']}>{samples.length === 0 ? before : hint}</p>
      <ul className={list['list']}>
        {samples.map(({ imageId, question, wanted, base, tuned }) => (
          <li key={`${imageId} ${question ?? ''}`} className={list['sample']}>
            <Thumbnail imageId={imageId} alt={wanted[0] ?? 'A picture'} size={56} />
            <div className={list['words']}>
              {question !== null && <p className={styles['question']}>{question}</p>}
              <p className={list['wanted']} title={wanted.join('\n')}>
                {wanted[0]}
                {wanted.length > 1 && <small> and {wanted.length - 1} more</small>}
              </p>
              <Text who="base" text={base} right={isWanted(base, wanted)} />
              <Text who="tuned" text={tuned} right={isWanted(tuned, wanted)} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface TextProps {
  readonly who: 'base' | 'tuned';
  readonly text: string;
  readonly right: boolean;
}

function Text({ who, text, right }: TextProps) {
  return (
    <p className={cx(list['said'], styles['text'])}>
      <span className={list['side']}>{who}</span>
      <span className={right ? styles['right'] : undefined}>
        {right && '✓ '}
        {text === '' ? <i>(nothing)</i> : text}
      </span>
    </p>
  );
}

function isWanted(text: string, wanted: readonly string[]): boolean {
  return wanted.some((each) => each.trim().toLowerCase() === text.trim().toLowerCase());
}
