import { useRef, useState, type DragEvent } from 'react';
import { filesFromDrop, type PickedFile } from './pickFiles';

interface FileDropState {
  /** Files hover over the element. */
  readonly over: boolean;
  readonly handlers: {
    readonly onDragEnter: (event: DragEvent) => void;
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDragLeave: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
  };
}

/** Makes an element take dropped files and folders. */
export function useFileDrop(
  onFiles: (files: readonly PickedFile[]) => void,
  onProblem: (message: string) => void,
): FileDropState {
  const [over, setOver] = useState(false);
  // Entering a child comes before leaving its parent, so they are counted.
  const depth = useRef(0);
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');
  return {
    over,
    handlers: {
      onDragEnter(event) {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      },
      onDragOver(event) {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      },
      onDragLeave(event) {
        if (!carriesFiles(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      },
      onDrop(event) {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        depth.current = 0;
        setOver(false);
        filesFromDrop(event.dataTransfer).then(
          (files) => (files.length === 0 ? onProblem('There were no files in what was dropped.') : onFiles(files)),
          (error: unknown) => onProblem(error instanceof Error ? error.message : String(error)),
        );
      },
    },
  };
}
