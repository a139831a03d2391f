import { cx } from './cx';
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

/** A picture on white, whole, with rounded corners. */
export function Picture({ src, alt, hit = false, size }: PictureProps) {
  return (
    <span
      className={cx(styles['frame'], hit && styles['hit'])}
      style={size === undefined ? undefined : { width: size, height: size }}
    >
      {src !== null && <img className={styles['image']} src={src} alt={alt} draggable={false} decoding="async" />}
    </span>
  );
}
