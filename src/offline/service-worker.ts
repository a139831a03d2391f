import { clientsClaim } from 'workbox-core';
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';
import { isolated } from './isolated';

/** What the build consists of, but for the weights (scripts/service-worker-plugin.ts). */
declare const precached: PrecacheEntry[];

/**
 * Keeps the studio for use without a network, and gives it the headers that WASM's threads need where a host cannot send them. A newer build waits
 * until no tab has the older one open.
 */

addPlugins([{ handlerWillRespond: ({ response }) => Promise.resolve(isolated(response)) }]);
cleanupOutdatedCaches();
// `?backend=…` is read by the page alone.
precacheAndRoute(precached, { ignoreURLParametersMatching: [/./] });

/** Weights of embedded models: the host's while it answers, so that they fit the rest of the build, and otherwise those that were last read. */
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.endsWith('.safetensors'),
  new NetworkFirst({
    cacheName: 'vernier-weights',
    plugins: [{ handlerWillRespond: ({ response }) => Promise.resolve(isolated(response)) }],
  }),
);

/** What else is asked of the host is no part of the build, such as files that a model may have: without a network the answer is the host's. */
registerRoute(
  ({ sameOrigin }) => sameOrigin,
  ({ request }) => fetch(request).catch(() => new Response(null, { status: 404 })),
);

clientsClaim();
