import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Cross-origin isolation gives WASM its threads; the same headers are sent in development, preview and tests. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** A wrong address below /models or /samples must answer 404, not the page. */
function honestNotFound(): Plugin {
  const guard = (url: string | undefined): boolean => /^\/(models|samples)\//.test(url ?? '');
  return {
    name: 'vernier:honest-not-found',
    configurePreviewServer(server) {
      return () => {
        server.middlewares.use((request, response, next) => {
          if (!guard(request.originalUrl)) return next();
          response.statusCode = 404;
          response.end('Not found');
        });
      };
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [react(), honestNotFound()],
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { target: 'es2023', chunkSizeWarningLimit: 2500 },
});
