import { cx } from './cx';
import { FittedImage, fittedBox } from './FittedImage';
import styles from './Picture.module.css';

interface PictureProps {
  /** An address, or null while it is loading. */
  readonly src: string | null;
  readonly alt: string;
  /** Ringed as the right one. */
  readonly hit?: boolean;
  /** Edge in pixels; fills its parent if absent. */
  readonly size?: number | undefined;
}

/** A picture in a frame, whole, with rounded corners. */
export function Picture({ src, alt, hit = false, size }: PictureProps) {
  return (
    <span
      className={cx(fittedBox, styles['frame'], hit && styles['hit'])}
      style={size === undefined ? undefined : { width: size, height: size }}
    >
      {src !== null && <FittedImage className={styles['image']} src={src} alt={alt} decoding="async" />}
    </span>
  );
}
