import { createContext, useContext, useMemo, useSyncExternalStore, type ReactNode } from 'react';

/** The place along the run that the pointer is at, shared by all charts of a page so that their cursors move in step. */
interface Hover {
  readonly get: () => number | null;
  readonly set: (x: number | null) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

function createHover(): Hover {
  const listeners = new Set<() => void>();
  let place: number | null = null;
  return {
    get: () => place,
    set(x) {
      if (x === place) return;
      place = x;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const HoverContext = createContext<Hover>(createHover());

/** Charts below share one hover. All of them must show the same quantity along the run. */
export function SharedHover({ children }: { readonly children: ReactNode }): ReactNode {
  const hover = useMemo(() => createHover(), []);
  return <HoverContext value={hover}>{children}</HoverContext>;
}

/** The hovered place in units of the axis along the run, or null. Renders again only the component that asks. */
export function useHoveredPlace(): number | null {
  const hover = useContext(HoverContext);
  return useSyncExternalStore(hover.subscribe, hover.get);
}

/** Moves the shared hover. */
export function useMoveHover(): (x: number | null) => void {
  return useContext(HoverContext).set;
}
