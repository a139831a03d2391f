import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import type { ImageRecord } from '../../dataset/types';
import { PictureCard } from './PictureCard';
import styles from './PictureGrid.module.css';

/** Narrowest card and the gap between cards, in pixels. */
const cardWidth = 128;
const gap = 10;
/** Height of a card below its picture. */
const wordsHeight = 60;

interface PictureGridProps {
  readonly images: readonly ImageRecord[];
  readonly onOpen: (imageId: string) => void;
}

/** Cards in rows; only the rows near the window exist. */
export function PictureGrid({ images, onOpen }: PictureGridProps) {
  const container = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState({ width: 1086, top: 0 });
  useLayoutEffect(() => {
    const element = container.current;
    if (element === null) return;
    const measure = () => {
      const { width, top } = element.getBoundingClientRect();
      setBox({ width, top: top + window.scrollY });
    };
    measure();
    // The page above the grid grows and shrinks with its messages.
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const columns = Math.max(1, Math.floor((box.width + gap) / (cardWidth + gap)));
  const pictureHeight = Math.round(Math.min(104, ((box.width + gap) / columns - gap) * 0.7));
  const rowHeight = pictureHeight + wordsHeight + gap;
  const rows = Math.ceil(images.length / columns);
  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => rowHeight,
    overscan: 4,
    scrollMargin: box.top,
  });
  useLayoutEffect(() => {
    virtualizer.measure();
  }, [virtualizer, rowHeight]);

  return (
    <div
      ref={container}
      className={styles['grid']}
      style={{ height: virtualizer.getTotalSize() }}
      role="list"
      aria-label="Pictures"
    >
      {virtualizer.getVirtualItems().map((row) => (
        <div
          key={row.key}
          className={styles['row']}
          role="presentation"
          style={{
            transform: `translateY(${row.start - box.top}px)`,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          }}
        >
          {images.slice(row.index * columns, (row.index + 1) * columns).map((image, column) => (
            <PictureCard
              key={image.id}
              image={image}
              pictureHeight={pictureHeight}
              position={row.index * columns + column + 1}
              total={images.length}
              onOpen={onOpen}
            />
          ))}
        </div>
      ))}
    </div>
  );
}
