import { useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** An element's size in whole pixels, kept up to date; 0 before it is laid out. */
export function useSize<Target extends HTMLElement>(): readonly [
  RefObject<Target | null>,
  { readonly width: number; readonly height: number },
] {
  const ref = useRef<Target>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() =>
      setSize({ width: Math.floor(element.clientWidth), height: Math.floor(element.clientHeight) }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}
