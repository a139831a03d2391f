import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import type { SampleRecord } from '../../dataset/types';
import { PictureCard } from './PictureCard';
import styles from './PictureGrid.module.css';

/** Narrowest card and the gap between cards, in pixels. */
const cardWidth = 128;
const gap = 10;
/** Height of a card below its picture. */
const wordsHeight = 60;

interface PictureGridProps {
  readonly images: readonly SampleRecord[];
  readonly onOpen: (imageId: string) => void;
}

/**
 * Cards in rows; only the rows near the window exist. The Tab key stops at one card, arrow keys go on from there: thousands of pictures are not in
 * the way to what comes after them.
 */
export function PictureGrid({ images, onOpen }: PictureGridProps) {
  const container = useRef<HTMLDivElement>(null);
  // The card that last had the focus, by its place among those shown.
  const [visited, setVisited] = useState(0);
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

  const drawn = virtualizer.getVirtualItems();
  const isDrawn = visited < images.length && drawn.some(({ index }) => index === Math.floor(visited / columns));
  const tabStop = isDrawn ? visited : (virtualizer.range?.startIndex ?? 0) * columns;
  const visit = (event: FocusEvent) => {
    const place = placeOf(event.target);
    if (place !== null) setVisited(place);
  };
  const move = (event: KeyboardEvent) => {
    // Not while a caption is written.
    if (!(event.target instanceof HTMLButtonElement)) return;
    const place = placeOf(event.target);
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (place === null || by === undefined) return;
    event.preventDefault();
    // From a picture to a picture, from a caption to a caption. Rows beyond the window's edge exist too, so the next one can be focused.
    const part = event.target.nextElementSibling === null ? ':last-child' : ':first-child';
    container.current?.querySelector<HTMLElement>(`[aria-posinset="${place + by + 1}"] > button${part}`)?.focus();
  };

  return (
    <div
      ref={container}
      className={styles['grid']}
      style={{ height: virtualizer.getTotalSize() }}
      role="list"
      aria-label="Pictures"
      aria-description="Arrow keys go from picture to picture"
      onFocus={visit}
      onKeyDown={move}
    >
      {drawn.map((row) => (
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
              tabStop={row.index * columns + column === tabStop}
              onOpen={onOpen}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

/** Place of the card that an element belongs to, from 0; null outside of a card. */
function placeOf(element: Element): number | null {
  const position = element.closest('[aria-posinset]')?.getAttribute('aria-posinset') ?? null;
  return position === null ? null : Number(position) - 1;
}
