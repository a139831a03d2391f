import { useMemo, type ReactNode } from 'react';
import { count, plural } from '../../components/format';
import { cx } from '../../components/cx';
import type { Dataset, SampleRecord } from '../../dataset/types';
import {
  answerDistribution,
  labelDistribution,
  numberDistributions,
  type AnswerDistribution,
  type Bar,
  type LabelDistribution,
  type NumberDistribution,
} from './distributions';
import styles from './Distributions.module.css';

/** Bars of classes and answers that are shown at once; the rest is told in numbers. */
const shownBars = 6;
/** Columns of numbers that have a histogram. */
const shownNumbers = 4;

/** Pictures that have one thing in common. */
export interface Part {
  /** Tells parts apart. */
  readonly id: string;
  readonly images: ReadonlySet<string>;
}

interface DistributionsProps {
  readonly dataset: Dataset;
  readonly images: readonly SampleRecord[];
  readonly chosen: Part | null;
  readonly onChoose: (part: Part | null) => void;
}

/** What labels, numbers and answers there are and how often each comes; a press on one shows its pictures. */
export function Distributions({ dataset, images, chosen, onChoose }: DistributionsProps) {
  const { labels, numbers, answers } = useMemo(() => {
    const taking = images.filter(({ excluded }) => excluded !== true);
    return {
      labels: labelDistribution(dataset, taking),
      numbers: numberDistributions(dataset, taking).slice(0, shownNumbers),
      answers: answerDistribution(dataset, taking),
    };
  }, [dataset, images]);
  const choice = { chosen, onChoose };
  if (labels === null && numbers.length === 0 && answers === null) return null;
  return (
    <section className={styles['cards']} aria-label="What the columns hold">
      {labels !== null && <Labels {...labels} {...choice} />}
      {numbers.map((numbers) => (
        <Numbers key={numbers.column} {...numbers} {...choice} />
      ))}
      {answers !== null && <Answers {...answers} {...choice} />}
    </section>
  );
}

type Choice = Pick<DistributionsProps, 'chosen' | 'onChoose'>;

function Labels({ column, bars, rare, ...choice }: LabelDistribution & Choice) {
  const [most, least] = [bars[0], bars.at(-1)];
  if (most === undefined || least === undefined) return null;
  const balanced =
    most.count === least.count
      ? `each on ${plural(most.count, 'picture')}`
      : `from ${count(least.count)} to ${plural(most.count, 'picture')} each`;
  return (
    <Tile title={`Labels in “${column}”`} text={`${plural(bars.length, 'class', 'classes')}, ${balanced}.`}>
      <Rows of={`label ${column}`} bars={bars} {...choice} />
      {rare.size > 0 && (
        <p className={styles['warning']}>
          Unbalanced: <Chooser id={`rare ${column}`} images={rare} label={plural(rare.size, 'picture')} {...choice} />{' '}
          {rare.size === 1 ? 'is of a class' : 'are of classes'} with less than a tenth of the largest. Class weights in
          the recipe make up for some of it.
        </p>
      )}
    </Tile>
  );
}

function Numbers({ column, bars, least, median, most, count: filled, ...choice }: NumberDistribution & Choice) {
  const shown = (value: number): string => String(Number(value.toPrecision(4)));
  return (
    <Tile
      title={`Numbers in “${column}”`}
      text={`${plural(filled, 'picture')}, from ${shown(least)} to ${shown(most)}, half of them up to ${shown(median)}.`}
    >
      <Columns of={`number ${column}`} bars={bars} {...choice} />
      <p className={styles['ends']} aria-hidden>
        <span>{bars[0]?.label}</span>
        {bars.length > 1 && <span>{bars.at(-1)?.label}</span>}
      </p>
    </Tile>
  );
}

function Answers({ questions, unanswered, answers, different, bars, kinds, ...choice }: AnswerDistribution & Choice) {
  const shares = [...kinds]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, of]) => `${Math.round((100 * of) / answers)} % ${kind}`);
  return (
    <Tile
      title="Answers"
      text={`${plural(questions, 'question')}, ${plural(answers, 'answer')}, ${count(different)} different: ${shares.join(', ')}.`}
    >
      <Rows of="answer" bars={bars} {...choice} />
      {unanswered > 0 && (
        <p className={styles['warning']}>
          {plural(unanswered, 'question')} without an answer {unanswered === 1 ? 'takes' : 'take'} no part.
        </p>
      )}
    </Tile>
  );
}

interface TileProps {
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}

function Tile({ title, text, children }: TileProps) {
  return (
    <article className={styles['card']}>
      <h3>{title}</h3>
      <p className={styles['text']}>{text}</p>
      {children}
    </article>
  );
}

interface BarsProps extends Choice {
  /** What the bars are of, by which they are told from others. */
  readonly of: string;
  readonly bars: readonly Bar[];
}

/** The most frequent ones, each a line. */
function Rows({ of, bars, ...choice }: BarsProps) {
  const most = Math.max(...bars.map((bar) => bar.count));
  const rest = bars.slice(shownBars);
  return (
    <ul className={styles['rows']}>
      {bars.slice(0, shownBars).map((bar) => (
        <li key={bar.label}>
          <Pressable part={{ id: `${of}: ${bar.label}`, images: bar.images }} className={styles['row']} {...choice}>
            <span className={styles['label']}>{bar.label}</span>
            <span className={styles['track']} aria-hidden>
              <i style={{ width: `${(100 * bar.count) / most}%` }} />
            </span>
            <span className={styles['number']}>{count(bar.count)}</span>
          </Pressable>
        </li>
      ))}
      {rest.length > 0 && (
        <li className={styles['rest']}>
          and {count(rest.length)} more, {count(rest.reduce((sum, bar) => sum + bar.count, 0))} times together
        </li>
      )}
    </ul>
  );
}

/** A histogram. */
function Columns({ of, bars, ...choice }: BarsProps) {
  const most = Math.max(...bars.map((bar) => bar.count));
  return (
    <ul className={styles['columns']}>
      {bars.map((bar) => (
        <li key={bar.label}>
          <Pressable
            part={{ id: `${of}: ${bar.label}`, images: bar.images }}
            className={styles['column']}
            title={`${bar.label}: ${plural(bar.count, 'picture')}`}
            disabled={bar.count === 0}
            {...choice}
          >
            <i style={{ height: `${(100 * bar.count) / most}%` }} />
          </Pressable>
        </li>
      ))}
    </ul>
  );
}

interface PressableProps extends Choice {
  readonly part: Part;
  readonly className: string | undefined;
  readonly title?: string;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** A button that shows the pictures of a part alone, and all again. */
function Pressable({ part, className, title, disabled, chosen, onChoose, children }: PressableProps) {
  const pressed = chosen?.id === part.id;
  return (
    <button
      type="button"
      className={cx(styles['press'], className)}
      title={title}
      aria-label={title}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={() => onChoose(pressed ? null : part)}
    >
      {children}
    </button>
  );
}

interface ChooserProps extends Choice {
  readonly id: string;
  readonly images: ReadonlySet<string>;
  readonly label: string;
}

/** The same as words in a sentence. */
function Chooser({ id, images, label, ...choice }: ChooserProps) {
  return (
    <Pressable part={{ id, images }} className={styles['inline']} {...choice}>
      {label}
    </Pressable>
  );
}
