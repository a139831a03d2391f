import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { serviceWorker } from './scripts/service-worker-plugin.ts';
import { drawingScript } from './src/components/drawing-script.ts';

/** Cross-origin isolation gives WASM its threads; the same headers are sent in development, preview and tests. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The one script that is no file: that of the frame without rights in which SVGs are drawn. */
const drawing = `'sha256-${createHash('sha256').update(drawingScript).digest('base64')}'`;

/**
 * What the built page may do. No script but its own files and the one above; WebAssembly is compiled; WASM's threads are workers of source text
 * (`blob:`). Models come from whichever hub or mirror the user names, so that any secure address may be asked, and one of this machine.
 */
const policy = Object.entries({
  'default-src': "'none'",
  'script-src': `'self' blob: 'wasm-unsafe-eval' ${drawing}`,
  'worker-src': "'self' blob:",
  // Positions and colours of charts and menus are styles of their elements.
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' blob: data:",
  // Fonts that an SVG brings along.
  'font-src': "'self' data:",
  'frame-src': "'self'",
  'connect-src': "'self' https: http://localhost:* http://127.0.0.1:* blob: data:",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
})
  .map(([directive, sources]) => `${directive} ${sources}`)
  .join('; ');

/** What only a server can say: this one, hosts that read `_headers`, and on any other the service worker. */
const hardened: Readonly<Record<string, string>> = {
  ...isolation,
  'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The policy in the page itself, for hosts that send no headers. In development the page has scripts of the server's own. */
function policyInPage(): Plugin {
  const attrs = { 'http-equiv': 'Content-Security-Policy', content: policy };
  return {
    name: 'vernier:policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs, injectTo: 'head-prepend' },
      { tag: 'meta', attrs: { name: 'referrer', content: 'no-referrer' }, injectTo: 'head-prepend' },
    ],
  };
}

/**
 * The WASM backend starts its threads from the source text of its own module function. A minifier renames the one outer variable which that text
 * refers to, so the variable is put out of use: it would only hold the script's address, which the threads never ask for.
 */
function threadedWasm(): Plugin {
  return {
    name: 'vernier:threaded-wasm',
    transform(code, id) {
      if (!id.includes('tfjs-backend-wasm-threaded-simd.js')) return null;
      const use = 'if(typeof _scriptDir !== "undefined" && _scriptDir){scriptDirectory=_scriptDir}';
      if (!code.includes(use))
        throw new Error('The WASM backend has changed: see whether its threads still start once it is minified.');
      return { code: code.replace(use, ''), map: null };
    },
  };
}

export default defineConfig({
  base: './',
  // Routes live in the hash, so an address without a file is a 404 and not the page.
  appType: 'mpa',
  plugins: [react(), policyInPage(), serviceWorker(hardened)],
  worker: { format: 'es', plugins: () => [threadedWasm()] },
  server: { headers: isolation },
  preview: { headers: { ...hardened } },
  // Reached through dynamic imports: bundled ahead, so that development and tests do not reload when they are first met.
  optimizeDeps: {
    include: [
      '@eslint-community/regexpp',
      '@huggingface/tokenizers',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
      '@zip.js/zip.js',
      'fast-png',
      'hyparquet',
      'hyparquet-compressors',
      'idb',
      'jsonc-parser',
      'modern-tar',
      'papaparse',
      'pbf',
      'saxes',
      'yaml',
      'zod',
    ],
  },
  build: { target: 'es2023', chunkSizeWarningLimit: 2500 },
});
