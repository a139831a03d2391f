import type { ComponentProps, SyntheticEvent } from 'react';
import { cx } from './cx';
import styles from './FittedImage.module.css';

/** The class of the element around a `FittedImage`, which must have a size of its own. */
export const fittedBox = styles['box'] ?? '';

/** A picture as large as fits into its box, whole, in its own shape. */
export function FittedImage({ className, alt, ...rest }: ComponentProps<'img'>) {
  return <img {...rest} className={cx(styles['image'], className)} alt={alt} draggable={false} onLoad={takeShape} />;
}

function takeShape({ currentTarget: image }: SyntheticEvent<HTMLImageElement>): void {
  const { naturalWidth, naturalHeight } = image;
  // An SVG may have no size of its own.
  if (naturalWidth > 0 && naturalHeight > 0) image.style.setProperty('--shape', String(naturalWidth / naturalHeight));
}
