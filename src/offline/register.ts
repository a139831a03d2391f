/** Set in the tab that was opened anew once, so that it never happens twice. */
const reloaded = 'vernier-isolated';

/**
 * Installs the service worker: the studio then opens without a network, and has threads on a host that sends no headers for them. The page that is
 * open is isolated only once it is loaded anew; that happens by itself as long as nobody has touched it.
 */
export async function keepForOffline(): Promise<void> {
  const { serviceWorker } = navigator;
  let touched = false;
  const touch = (): void => void (touched = true);
  addEventListener('pointerdown', touch, { once: true });
  addEventListener('keydown', touch, { once: true });
  const controlled = new Promise<void>((resolve) => {
    serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
  });
  await serviceWorker.register(new URL('service-worker.js', document.baseURI));
  if (crossOriginIsolated || sessionStorage.getItem(reloaded) !== null) return;
  if (serviceWorker.controller === null) await controlled;
  if (touched) return;
  sessionStorage.setItem(reloaded, 'yes');
  location.reload();
}
