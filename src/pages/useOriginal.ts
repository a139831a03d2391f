import { useEffect, useState } from 'react';
import { uprightImage } from '../dataset/codec';
import { pictureOf } from '../dataset/sample';
import { readImageBlob } from '../dataset/storage';
import type { SampleRecord } from '../dataset/types';

/** Address of the stored original while it is shown; null while it is read and where it is gone. */
export function useOriginal(image: SampleRecord): string | null {
  const [url, setUrl] = useState<string | null>(null);
  const { id } = image;
  const { type } = pictureOf(image);
  useEffect(() => {
    let made: string | null = null;
    let open = true;
    const read = async (): Promise<Blob | null> => {
      const blob = await readImageBlob({ id, media: [{ type }] });
      return blob === null ? null : uprightImage(blob);
    };
    read().then(
      (blob) => {
        if (!open || blob === null) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => undefined,
    );
    return () => {
      open = false;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [id, type]);
  return url;
}
