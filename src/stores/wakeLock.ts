/**
 * Keeps the screen on while something long runs, where the browser can: machines that sleep stop the GPU. The browser drops the lock
 * whenever the page is hidden, so it is asked for again when the page is shown. There is never more than one lock, nor more than one request
 * for it under way.
 *
 * @returns ends it
 */
export function keepAwake(): () => void {
  if (!('wakeLock' in navigator)) return () => undefined;
  let lock: WakeLockSentinel | null = null;
  let wanted = true;
  let asking = false;
  /** The page was shown again while the browser thought about a request. */
  let askAgain = false;

  const acquire = async (): Promise<void> => {
    if (!wanted || document.visibilityState !== 'visible' || lock?.released === false) return;
    if (asking) {
      askAgain = true;
      return;
    }
    asking = true;
    askAgain = false;
    try {
      const acquired = await navigator.wakeLock.request('screen');
      // The run may have ended while the browser thought about it.
      if (wanted) lock = acquired;
      else await acquired.release();
    } catch {
      // Refused (battery saver, policy): training goes on, the screen may go dark.
    }
    asking = false;
    if (askAgain) await acquire();
  };
  const onVisibility = (): void => void acquire();

  document.addEventListener('visibilitychange', onVisibility);
  void acquire();
  return () => {
    wanted = false;
    document.removeEventListener('visibilitychange', onVisibility);
    void lock?.release();
    lock = null;
  };
}
