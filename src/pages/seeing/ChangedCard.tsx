import { Check, CircleSlash, Undo2, X } from 'lucide-react';
import { Button } from '../../components/Button';
import { cx } from '../../components/cx';
import type { SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import type { ChangedSample } from '../../tasks/changes';
import type { Outcome } from '../../tasks/outcomes';
import { CaptionEditor } from '../data/CaptionEditor';
import { Thumbnail } from '../runs/Thumbnail';
import styles from './ChangedCard.module.css';
import card from './sampleCard.module.css';

interface ChangedCardProps {
  readonly sample: ChangedSample;
  /** Its record, where its dataset is the one in use. */
  readonly record: SampleRecord | undefined;
  readonly onOpen: () => void;
}

/** A sample with what was wanted of it and what base and tuned model said; it is corrected or excluded in place. */
export function ChangedCard({ sample, record, onOpen }: ChangedCardProps) {
  const { imageId, asked, wanted, base, tuned } = sample;
  const { setCaptions } = useDataStore.getState();
  const place = record?.captions.indexOf(wanted) ?? -1;
  return (
    <li className={cx(card['card'], record?.excluded === true && styles['excluded'])}>
      <button type="button" className={styles['picture']} aria-label={`Look closer at ${wanted}`} onClick={onOpen}>
        <Thumbnail imageId={imageId} alt="" size={92} />
      </button>
      <div className={card['words']}>
        {asked !== undefined && <p className={card['asked']}>{asked}</p>}
        {record !== undefined && place >= 0 ? (
          <div className={styles['editor']}>
            <CaptionEditor
              captions={[wanted]}
              onSave={(changed) => void setCaptions(imageId, record.captions.toSpliced(place, 1, ...changed))}
            />
          </div>
        ) : (
          <p className={cx(card['wanted'], styles['fixed'])} title={wanted}>
            {wanted}
          </p>
        )}
        <Said who="base" outcome={base} />
        <Said who="tuned" outcome={tuned} />
        <div className={styles['foot']}>
          <ScoreChange base={base.score} tuned={tuned.score} />
          {record !== undefined && <ExcludeButton record={record} />}
        </div>
      </div>
    </li>
  );
}

/** What a model said, and whether that is right. */
export function Said({ who, outcome: { right, said } }: { readonly who: 'base' | 'tuned'; readonly outcome: Outcome }) {
  return (
    <p className={cx(card['said'], styles['said'], styles[who])} title={said}>
      <span className={styles['who']}>{who}</span>
      {right === true && <Check className={card['right']} aria-label="right:" />}
      {right === false && <X className={card['notRight']} aria-label="wrong:" />}
      <span className={cx(card['answer'], styles['answer'])}>{said === '' ? '—' : said}</span>
    </p>
  );
}

/** From the score before to the one after, as a line between two dots where scores are shares; errors in the unit of what was asked for. */
function ScoreChange({ base, tuned }: { readonly base: number; readonly tuned: number }) {
  // Errors have a minus in front, so that more is better.
  const text =
    Math.max(base, tuned) <= 0
      ? `off by ${(-base).toFixed(2)} → ${(-tuned).toFixed(2)}`
      : `score ${base.toFixed(2)} → ${tuned.toFixed(2)}`;
  if (!(Math.min(base, tuned) >= 0 && Math.max(base, tuned) <= 1)) return <small>{text}</small>;
  const at = (score: number): string => `${100 * score}%`;
  return (
    <span className={styles['scale']} role="img" aria-label={text} title={text}>
      <i className={styles['line']} style={{ left: at(Math.min(base, tuned)), width: at(Math.abs(tuned - base)) }} />
      <i className={styles['from']} style={{ left: at(base) }} />
      <i className={styles['to']} style={{ left: at(tuned) }} />
    </span>
  );
}

/** Leaves a sample out of all that comes, or takes it back. */
export function ExcludeButton({ record }: { readonly record: SampleRecord }) {
  const excluded = record.excluded === true;
  return (
    <Button
      size="s"
      icon={excluded ? <Undo2 aria-hidden /> : <CircleSlash aria-hidden />}
      onClick={() => void useDataStore.getState().setExcluded(record.id, !excluded)}
    >
      {excluded ? 'Take back' : 'Exclude'}
    </Button>
  );
}
