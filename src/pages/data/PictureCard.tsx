import { memo } from 'react';
import { cx } from '../../components/cx';
import { FittedImage, fittedBox } from '../../components/FittedImage';
import { columnsWithRole, labelsOf, numberIn, questionsOf } from '../../dataset/columns';
import type { TaughtBy } from '../../dataset/taught';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import { useThumbnail } from '../runs/Thumbnail';
import { useTaughtBy } from '../useSplitCounts';
import { CaptionEditor } from './CaptionEditor';
import { titleOf } from './PictureFields';
import styles from './PictureCard.module.css';

interface PictureCardProps {
  readonly image: SampleRecord;
  readonly pictureHeight: number;
  /** Place among the pictures shown, from 1; most of them are not in the document. */
  readonly position: number;
  readonly total: number;
  /** Whether the Tab key stops here; it does at one card of a grid. */
  readonly tabStop: boolean;
  readonly onOpen: (imageId: string) => void;
}

/**
 * A picture with its caption, which is edited in place, or with what else the recipe teaches of it. Most are there to train with; those held out are
 * marked.
 */
export const PictureCard = memo(function PictureCard({
  image,
  pictureHeight,
  position,
  total,
  tabStop,
  onOpen,
}: PictureCardProps) {
  const src = useThumbnail(image.id);
  const tabIndex = tabStop ? 0 : -1;
  const dataset = useDataStore((state) => state.dataset);
  const by = useTaughtBy();
  const name = titleOf(image, dataset);
  const taught = dataset === null ? null : taughtOf(dataset, image, by);
  const captioned = by === 'captions' || image.captions.length > 0;
  return (
    <div
      className={cx(styles['card'], image.excluded === true && styles['excluded'])}
      role="listitem"
      aria-posinset={position}
      aria-setsize={total}
    >
      <button
        type="button"
        tabIndex={tabIndex}
        className={cx(fittedBox, styles['picture'])}
        style={{ height: pictureHeight }}
        aria-label={`Open ${name}`}
        onClick={() => onOpen(image.id)}
      >
        {src !== null && <FittedImage src={src} alt="" />}
      </button>
      <div className={styles['marks']}>
        {image.excluded === true ? <small>excluded</small> : image.split !== 'train' && <small>{image.split}</small>}
        {captioned && taught !== null && <small className={styles['taught']}>{taught.text}</small>}
      </div>
      {captioned ? (
        <CaptionEditor
          captions={image.captions}
          tabIndex={tabIndex}
          onSave={(captions) => void useDataStore.getState().setCaptions(image.id, captions)}
        />
      ) : (
        <button
          type="button"
          tabIndex={tabIndex}
          className={cx(styles['words'], taught === null && styles['missing'])}
          aria-label={`Edit ${name}`}
          onClick={() => onOpen(image.id)}
        >
          <span>{taught?.text ?? lacking[by]}</span>
          {taught !== null && taught.more > 0 && <small>+{taught.more}</small>}
        </button>
      )}
    </div>
  );
});

const lacking: Record<TaughtBy, string> = {
  captions: 'No caption',
  labels: 'No label',
  numbers: 'No number',
  questions: 'Nothing asked',
};

/** What is taught of a picture in place of captions, and how much more there is of it; null where there is nothing. */
function taughtOf(
  dataset: Dataset,
  image: SampleRecord,
  by: TaughtBy,
): { readonly text: string; readonly more: number } | null {
  switch (by) {
    case 'captions':
      return null;
    case 'labels': {
      const labels = labelsOf(dataset, image);
      return labels.length === 0 ? null : { text: labels.join(', '), more: 0 };
    }
    case 'numbers': {
      const columns = columnsWithRole(dataset, 'number');
      const known = columns.flatMap((column) => {
        const number = numberIn(image, column);
        return number === null ? [] : [columns.length === 1 ? String(number) : `${column.name} ${number}`];
      });
      return known.length === 0 ? null : { text: known.join(', '), more: 0 };
    }
    case 'questions': {
      const [first, ...others] = questionsOf(dataset, image);
      if (first === undefined) return null;
      const [answer] = first.answers;
      return { text: answer === undefined ? first.question : `${first.question} ${answer}`, more: others.length };
    }
  }
}
