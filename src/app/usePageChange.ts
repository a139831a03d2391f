import { useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { focusMain } from '../components/focusMain';
import { useRunStore } from '../stores/run';
import { pageOf, pageTitle } from './pageTitle';

/**
 * What a browser does between documents and a page drawn in place has to do itself: the new page has the title, begins at its top, or with Back
 * and Forward where it was left, and takes the focus from the link that led to it.
 */
export function usePageChange(): void {
  const page = pageOf(useLocation()[0]);
  usePageTitle(page);

  const shown = useRef(page);
  const scrolled = useRef(new Map<string, number>());
  /** Where Back or Forward has just led. */
  const returned = useRef<string | null>(null);
  useEffect(() => {
    const remember = () => scrolled.current.set(shown.current, window.scrollY);
    const comeBack = () => {
      returned.current = pageOf(window.location.hash);
    };
    window.addEventListener('scroll', remember, { passive: true });
    window.addEventListener('popstate', comeBack);
    return () => {
      window.removeEventListener('scroll', remember);
      window.removeEventListener('popstate', comeBack);
    };
  }, []);
  useLayoutEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    window.scrollTo(0, returned.current === page ? (scrolled.current.get(page) ?? 0) : 0);
    returned.current = null;
    focusMain();
  }, [page]);
}

function usePageTitle(page: string): void {
  const title = useRunStore(({ active, runs }) => {
    const id = /^runs\/(.+)$/.exec(page)?.[1];
    const run = active?.runId === id ? active : runs?.find((stored) => stored.id === id);
    const begun = active !== null && active.totalSteps > 0 && active.step > 0;
    return pageTitle(page, run?.name ?? null, begun ? active.step / active.totalSteps : null);
  });
  useEffect(() => {
    document.title = title;
  }, [title]);
}
