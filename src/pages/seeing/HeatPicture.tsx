import { useCallback } from 'react';
import type { PicturePart } from '../../model/image-processor';
import { heatPixels, whereInWords } from './heat';
import styles from './HeatPicture.module.css';

interface HeatPictureProps {
  /** The picture, or its address; null while it is read. */
  readonly src: string | Blob | null;
  /** What the picture is. */
  readonly alt: string;
  /** By patch, row by row, in shares; null while they are computed. */
  readonly weights: readonly number[] | null;
  /** Patches along a side. */
  readonly side: number;
  /** What part of the picture they lie over. */
  readonly part: PicturePart;
  /** 0…1. */
  readonly opacity: number;
}

/** A picture with weights laid over it, as far as the model sees it. */
export function HeatPicture({ src, alt, weights, side, part, opacity }: HeatPictureProps) {
  const where = weights === null ? '' : ` Most weight: ${whereInWords(weights, side)}.`;
  const percent = (share: number): string => `${100 * share}%`;
  return (
    <div className={styles['frame']}>
      <div className={styles['picture']} role="img" aria-label={`${alt}.${where}`}>
        {typeof src === 'string' && <img src={src} alt="" draggable={false} />}
        {src instanceof Blob && <BlobPicture blob={src} />}
        {src !== null && weights !== null && (
          <Heat
            weights={weights}
            side={side}
            style={{
              left: percent(part.x),
              top: percent(part.y),
              width: percent(part.width),
              height: percent(part.height),
              opacity,
            }}
          />
        )}
      </div>
    </div>
  );
}

interface HeatProps {
  readonly weights: readonly number[];
  readonly side: number;
  readonly style: React.CSSProperties;
}

/** One pixel a patch; the browser draws smoothly between them. */
function Heat({ weights, side, style }: HeatProps) {
  const draw = useCallback(
    (canvas: HTMLCanvasElement | null) => {
      const context = canvas?.getContext('2d');
      context?.putImageData(new ImageData(heatPixels(weights), side, side), 0, 0);
    },
    [weights, side],
  );
  return <canvas ref={draw} className={styles['heat']} width={side} height={side} style={style} aria-hidden />;
}

/** Shows a blob; its address lives exactly as long as the element. */
function BlobPicture({ blob }: { readonly blob: Blob }) {
  const show = useCallback(
    (image: HTMLImageElement | null) => {
      if (image === null) return undefined;
      const url = URL.createObjectURL(blob);
      image.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [blob],
  );
  return <img ref={show} alt="" draggable={false} />;
}
