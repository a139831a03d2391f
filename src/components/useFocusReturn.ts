import { useCallback, useLayoutEffect, useRef } from 'react';
import { focusMain } from './focusMain';

/**
 * Remembers what has the focus when `open` becomes true; the returned function gives it back. Dialogs here are opened by state, so Radix has no
 * trigger to return to. Where the element is gone or takes no focus any more, the page gets it: on the body the next Tab would begin at the top.
 */
export function useFocusReturn(open: boolean): () => void {
  const opener = useRef<HTMLElement | null>(null);
  // Radix draws a dialog one commit later, so a field with autoFocus in it has not taken the focus yet.
  useLayoutEffect(() => {
    if (open) opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  }, [open]);
  return useCallback(() => {
    const element = opener.current;
    opener.current = null;
    element?.focus();
    if (document.activeElement === document.body) focusMain();
  }, []);
}
