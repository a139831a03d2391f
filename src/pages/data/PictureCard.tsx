import { memo } from 'react';
import { cx } from '../../components/cx';
import { pictureOf } from '../../dataset/sample';
import type { SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import { useThumbnail } from '../runs/Thumbnail';
import { CaptionEditor } from './CaptionEditor';
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

/** A picture with its caption, which is edited in place. Most are there to train with; those held out are marked. */
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
  const name = image.captions[0] ?? pictureOf(image).path;
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
        className={styles['picture']}
        style={{ height: pictureHeight }}
        aria-label={`Open ${name}`}
        onClick={() => onOpen(image.id)}
      >
        {src !== null && <img src={src} alt="" draggable={false} />}
      </button>
      {image.excluded === true ? (
        <small className={styles['split']}>excluded</small>
      ) : (
        image.split !== 'train' && <small className={styles['split']}>{image.split}</small>
      )}
      <CaptionEditor
        captions={image.captions}
        tabIndex={tabIndex}
        onSave={(captions) => void useDataStore.getState().setCaptions(image.id, captions)}
      />
    </div>
  );
});
