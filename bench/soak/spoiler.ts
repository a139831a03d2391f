/**
 * Runs in the page and at the head of its worker, before anything else: has the browser do what it does in bad moments, when it is told to over a
 * channel. Written as text, since it goes in front of a script that is built already.
 */
export const spoiler = `
(() => {
  // A service worker would serve what stands behind this from its cache.
  if ('ServiceWorkerContainer' in globalThis) ServiceWorkerContainer.prototype.register = () => new Promise(() => undefined);
  let aborts = 0;
  let dateOffset = 0;
  let timeOffset = 0;
  for (const name of ['put', 'delete']) {
    const write = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...given) {
      const request = write.apply(this, given);
      if (aborts > 0) {
        aborts--;
        this.transaction.abort();
      }
      return request;
    };
  }
  const date = Date.now;
  Date.now = () => date() + dateOffset;
  const now = performance.now.bind(performance);
  performance.now = () => now() + timeOffset;
  new BroadcastChannel('soak').onmessage = ({ data }) => {
    if (data.aborts !== undefined) aborts = data.aborts;
    dateOffset += data.date ?? 0;
    timeOffset += data.time ?? 0;
  };
})();
`;
