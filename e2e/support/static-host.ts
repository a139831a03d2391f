import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** A host of its own, and so of another origin than any other. */
interface Host {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** The built studio on a host that serves files and nothing else: no headers of its own, and under a path. */
export function serveBuild(path: string): Promise<Host> {
  return serve(`${path}/`, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = normalize(decodeURIComponent(pathname.slice(path.length)) || '/');
    const file = name.endsWith('/') ? `${name}index.html` : name;
    readFile(join('dist', pathname.startsWith(path) ? file : 'nothing')).then(
      (bytes) => {
        response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
}

/** One page at another host. */
export function servePage(html: string): Promise<Host> {
  return serve('/', (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(html));
}

async function serve(path: string, answer: RequestListener): Promise<Host> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}${path}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
