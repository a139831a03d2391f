import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Cross-origin isolation gives WASM its threads; the same headers are sent in development, preview and tests. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** What the page tells others of where it was, and how its files are taken. */
const hardened = {
  ...isolation,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

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
  plugins: [react()],
  worker: { format: 'es', plugins: () => [threadedWasm()] },
  server: { headers: isolation },
  preview: { headers: hardened },
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
      'saxes',
      'yaml',
      'zod',
    ],
  },
  build: { target: 'es2023', chunkSizeWarningLimit: 2500 },
});
