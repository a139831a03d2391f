import { useEffect, useState } from 'react';
import { cx } from '../../components/cx';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import { Segmented } from '../../components/Segmented';
import { Slider } from '../../components/Slider';
import type { AttentionView } from '../../protocol/attention';
import { attentionKey, useAttention, type AttentionPicture, type AttentionQuestion } from '../../stores/attention';
import type { Side } from '../playground/sides';
import { heatGradient } from './heat';
import { HeatPicture } from './HeatPicture';
import { WordWeights, WrittenWords } from './WordWeights';
import styles from './AttentionPair.module.css';

/** What base and tuned model look at, side by side, with one legend for both. */

type Way = 'relevance' | 'rollout';

/** A model, and what it is asked. */
export interface AskedSide extends Side {
  readonly of: AttentionQuestion;
}

interface AttentionPairProps {
  readonly picture: AttentionPicture;
  /** What to show of the picture, or its address; null while it is read. */
  readonly src: string | Blob | null;
  readonly alt: string;
  readonly sides: readonly AskedSide[];
}

const meanings: Readonly<Record<Way, string>> = {
  relevance:
    'Relevance (Chefer et al. 2021): where the attention lies that raises the score for just these words, or this class.',
  rollout: 'Rollout (Abnar & Zuidema 2020): where all that was read can have come from, whatever is asked.',
};

const writtenMeaning =
  'Cross-attention, the mean over heads and blocks: where the decoder looked as it wrote. Choose a word to see its own.';

export function AttentionPair({ picture, src, alt, sides }: AttentionPairProps) {
  const [way, setWay] = useState<Way>('relevance');
  const [opacity, setOpacity] = useState(60);
  const words = sides.some(({ of }) => of.kind === 'words');
  const written = sides.some(({ of }) => of.kind === 'written');
  return (
    <div className={styles['pair']}>
      <div className={styles['tools']}>
        {!written && (
          <Segmented
            label="What is shown"
            value={way}
            onChange={setWay}
            options={[
              { value: 'relevance', label: words ? 'For these words' : 'For this label' },
              { value: 'rollout', label: 'Rollout' },
            ]}
          />
        )}
        <div className={styles['legend']} aria-hidden>
          <span>least</span>
          <i style={{ background: heatGradient }} />
          <span>most</span>
        </div>
        <div className={styles['opacity']}>
          <span id="heat-opacity">Heat</span>
          <Slider
            aria-labelledby="heat-opacity"
            value={opacity}
            onChange={setOpacity}
            min={0}
            max={100}
            step={5}
            text={`${opacity} %`}
          />
        </div>
      </div>
      <div className={styles['sides']}>
        {sides.map((side) => (
          <AttentionSide key={side.id} side={side} picture={picture} src={src} alt={alt} way={way} opacity={opacity} />
        ))}
      </div>
      <p className={styles['meaning']}>{written ? writtenMeaning : meanings[way]}</p>
    </div>
  );
}

interface AttentionSideProps extends Omit<AttentionPairProps, 'sides'> {
  readonly side: AskedSide;
  readonly way: Way;
  readonly opacity: number;
}

const wholePicture = { x: 0, y: 0, width: 1, height: 1 };

function AttentionSide({ side, picture, src, alt, way, opacity }: AttentionSideProps) {
  const { id, title, weights, of } = side;
  const key = attentionKey(side.key, picture, of);
  const job = useAttention((state) => state.jobs[key]);
  const known = job?.state === 'done' ? job.result : null;
  // What was known last stays, paler, while the next is computed.
  const [last, setLast] = useState(known);
  if (known !== null && known !== last) setLast(known);
  const shown = known ?? last;
  const [word, setWord] = useState<number | null>(null);
  const over = word === null ? undefined : shown?.words?.[word]?.over;
  useEffect(() => {
    const { jobs, start } = useAttention.getState();
    if (jobs[key] === undefined) start(key, { weights, picture, of });
  }, [key, weights, picture, of]);
  return (
    <section className={cx(styles['side'], known === null && styles['stale'])} aria-label={`What ${title} looks at`}>
      <h3 className={styles['title']}>
        <i className={cx(styles['swatch'], styles[id])} aria-hidden />
        <span title={title}>{title}</span>
        {shown?.score && <small>{scoreText(shown.score)}</small>}
      </h3>
      <HeatPicture
        src={src}
        alt={alt}
        weights={over ?? shown?.picture[way] ?? null}
        side={shown?.side ?? 1}
        part={shown?.part ?? wholePicture}
        opacity={opacity / 100}
      />
      {shown?.words && of.kind === 'written' && <WrittenWords words={shown.words} chosen={word} onChoose={setWord} />}
      {shown?.words && of.kind !== 'written' && <WordWeights words={shown.words} way={way} />}
      {of.kind === 'label' && <p className={styles['label']}>“{of.label}”</p>}
      {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
      {job?.state === 'failed' && <Notice tone="error">{job.message}</Notice>}
    </section>
  );
}

function scoreText({ kind, value }: NonNullable<AttentionView['score']>): string {
  return kind === 'similarity' ? `similarity ${value.toFixed(2)}` : `score ${value.toFixed(2)}`;
}
