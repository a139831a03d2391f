import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { build, type Plugin } from 'vite';

/** The weights of embedded models, half of all bytes, are kept when they are first read. */
const later = /\.safetensors$/;

/** Every file of a build by its path, with a digest of what is in it. */
async function entriesOf(folder: string): Promise<{ url: string; revision: string }[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile() && !later.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    paths.map(async (path) => ({
      url: relative(folder, path).replaceAll(sep, '/'),
      revision: createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
        .slice(0, 16),
    })),
  );
}

/**
 * Writes the service worker beside a build, with the list of what it is to keep and the headers that it gives to all of it; and the same headers in the
 * file `_headers`, which some hosts of static files read (Netlify, Cloudflare Pages), so that the very first visit has them.
 */
export function serviceWorker(headers: Readonly<Record<string, string>>): Plugin {
  let folder = '';
  return {
    name: 'vernier:service-worker',
    apply: 'build',
    configResolved: ({ root, build: { outDir } }) => {
      folder = join(root, outDir);
    },
    closeBundle: async () => {
      await build({
        configFile: false,
        publicDir: false,
        logLevel: 'warn',
        define: {
          precached: JSON.stringify(await entriesOf(folder)),
          givenHeaders: JSON.stringify(headers),
          'process.env.NODE_ENV': '"production"',
        },
        build: {
          outDir: folder,
          emptyOutDir: false,
          target: 'es2023',
          lib: {
            entry: 'src/offline/service-worker.ts',
            formats: ['iife'],
            name: 'serviceWorker',
            fileName: () => 'service-worker.js',
          },
        },
      });
      // Not among what the service worker keeps: hosts that read it do not give it out.
      const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
      await writeFile(join(folder, '_headers'), `/*\n${lines.join('\n')}\n`);
    },
  };
}
