import { useEffect } from 'react';

/** Milliseconds without a change after which a question is asked. */
const pause = 250;

/** Asks when the question has not changed for a moment. A question is null while there is nothing to ask; keep its identity stable. */
export function useAsk(question: (() => void) | null): void {
  useEffect(() => {
    if (question === null) return undefined;
    const timer = setTimeout(question, pause);
    return () => clearTimeout(timer);
  }, [question]);
}
