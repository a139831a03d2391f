import { useCallback, useSyncExternalStore } from 'react';
import { Picture } from '../../components/Picture';
import { thumbnailUrl, watchThumbnail } from '../../stores/thumbnails';

/** The address of a stored picture's thumbnail; null while it is read and where there is none. */
export function useThumbnail(imageId: string): string | null {
  const subscribe = useCallback((listener: () => void) => watchThumbnail(imageId, listener), [imageId]);
  return useSyncExternalStore(subscribe, () => thumbnailUrl(imageId));
}

interface ThumbnailProps {
  readonly imageId: string;
  readonly alt: string;
  /** Ringed as the right one. */
  readonly hit?: boolean;
  readonly size?: number;
}

/** A picture of the dataset. */
export function Thumbnail({ imageId, ...rest }: ThumbnailProps) {
  return <Picture src={useThumbnail(imageId)} {...rest} />;
}
