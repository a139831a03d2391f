import { ImageUp } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Button } from '../../components/Button';
import { cx } from '../../components/cx';
import { FittedImage, fittedBox } from '../../components/FittedImage';
import { useFileDrop } from '../../components/useFileDrop';
import { pictureOf } from '../../dataset/sample';
import type { SampleRecord } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import { Turns } from '../../stores/turns';
import { useThumbnail } from '../runs/Thumbnail';
import { pictureOfFile, pictureOfRecord, type ChosenPicture } from './picture';
import { sampleEvenly } from './sampleEvenly';
import styles from './PicturePicker.module.css';

/** Pictures of the dataset offered to try. */
const offered = 12;

interface PicturePickerProps {
  readonly picture: ChosenPicture | null;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** A picture to ask about: dropped, chosen from the disk, or one of the dataset's test pictures. */
export function PicturePicker({ picture, onPicture }: PicturePickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const images = useDataStore((state) => state.images);
  const examples = useMemo(() => {
    const unseen = images.filter(({ split }) => split === 'test');
    return sampleEvenly(unseen.length >= offered ? unseen : images, offered);
  }, [images]);
  const [turns] = useState(() => new Turns());
  const take = async (file: File | null): Promise<void> => {
    const isNewest = turns.next();
    setProblem(file === null ? 'Drop one picture file.' : null);
    if (file === null) return;
    try {
      const taken = await pictureOfFile(file);
      if (isNewest()) onPicture(taken);
    } catch (error) {
      if (isNewest()) setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const { over, handlers } = useFileDrop((items) => {
    void take([...items].find(({ kind }) => kind === 'file')?.getAsFile() ?? null);
  });
  return (
    <div>
      <div className={cx(styles['zone'], over && styles['over'])} {...handlers}>
        {picture === null ? (
          <p className={styles['hint']}>Drop a picture here, or pick one below.</p>
        ) : (
          <figure className={styles['chosen']}>
            <BlobPicture blob={picture.shown} alt={picture.name} />
            <figcaption title={picture.name}>{picture.name}</figcaption>
          </figure>
        )}
        <Button size="s" icon={<ImageUp />} onClick={() => input.current?.click()}>
          Choose a picture
        </Button>
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file !== undefined) void take(file);
            event.target.value = '';
          }}
        />
      </div>
      {problem !== null && (
        <p className={styles['problem']} role="alert">
          {problem}
        </p>
      )}
      <ul className={styles['examples']} aria-label="Pictures of the dataset">
        {examples.map((image) => (
          <li key={image.id}>
            <Example
              image={image}
              chosen={picture?.key === image.id}
              onPicture={(picked) => {
                turns.next();
                setProblem(null);
                onPicture(picked);
              }}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface ExampleProps {
  readonly image: SampleRecord;
  readonly chosen: boolean;
  readonly onPicture: (picture: ChosenPicture) => void;
}

function Example({ image, chosen, onPicture }: ExampleProps) {
  const src = useThumbnail(image.id);
  const name = image.captions[0] ?? pictureOf(image).path;
  const pick = async (): Promise<void> => {
    const picture = await pictureOfRecord(image);
    if (picture !== null) onPicture(picture);
  };
  return (
    <button
      type="button"
      className={cx(fittedBox, styles['example'], chosen && styles['current'])}
      aria-label={name}
      aria-pressed={chosen}
      title={name}
      onClick={() => void pick()}
    >
      {src !== null && <FittedImage src={src} alt="" />}
    </button>
  );
}

/** Shows a blob; its address lives exactly as long as the element. */
function BlobPicture({ blob, alt }: { readonly blob: Blob; readonly alt: string }) {
  const show = useCallback(
    (image: HTMLImageElement | null) => {
      if (image === null) return undefined;
      const url = URL.createObjectURL(blob);
      image.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [blob],
  );
  return (
    <span className={cx(fittedBox, styles['frame'])}>
      <FittedImage ref={show} alt={alt} />
    </span>
  );
}
