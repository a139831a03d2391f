import { clientsClaim } from 'workbox-core';
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';
import { withHeaders } from './headers';

/** What the build consists of, but for the weights (scripts/service-worker-plugin.ts). */
declare const precached: PrecacheEntry[];
/** What a server should say with every file. */
declare const givenHeaders: Readonly<Record<string, string>>;

/**
 * Keeps the studio for use without a network, and gives it the headers that WASM's threads need, and that keep it out of frames of other sites, where a
 * host cannot send them. A newer build waits until no tab has the older one open.
 */

const hardened = {
  handlerWillRespond: ({ response }: { readonly response: Response }) =>
    Promise.resolve(withHeaders(response, givenHeaders)),
};

addPlugins([hardened]);
cleanupOutdatedCaches();
// `?backend=…` is read by the page alone.
precacheAndRoute(precached, { ignoreURLParametersMatching: [/./] });

/** Weights of embedded models: the host's while it answers, so that they fit the rest of the build, and otherwise those that were last read. */
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.endsWith('.safetensors'),
  new NetworkFirst({
    cacheName: 'vernier-weights',
    plugins: [hardened],
  }),
);

/** What else is asked of the host is no part of the build, such as files that a model may have: without a network the answer is the host's. */
registerRoute(
  ({ sameOrigin }) => sameOrigin,
  ({ request }) => fetch(request).catch(() => new Response(null, { status: 404 })),
);

clientsClaim();
