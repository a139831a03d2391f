import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const fileNames = ['config.json', 'tokenizer.json', 'preprocessor_config.json', 'README.md', 'model.safetensors'];
/** A large file comes in so many pieces, with so many milliseconds between them: time enough for anything to happen. */
const pieces = 20;
const between = 50;

/** A hub on this machine, at which the embedded model lies under any name, and that takes its time. */
export class Hub {
  private constructor(
    private readonly server: Server,
    private readonly files: ReadonlyMap<string, Buffer>,
  ) {}

  static async start(): Promise<Hub> {
    const read = fileNames.map(async (name) => {
      const file = await readFile(new URL(`../../public/models/seed-clip/${name}`, import.meta.url));
      return [name, file] as const;
    });
    const files = new Map(await Promise.all(read));
    const server = createServer((request, response) => {
      const file = files.get((request.url ?? '').replace(/^.*\/resolve\/main\//, ''));
      response.setHeader('access-control-allow-origin', '*');
      if (file === undefined) response.writeHead(404).end();
      else void send(response, file, request.headers.range);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Hub(server, files);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** SHA-256 of the files of a model, by their names. */
  get digests(): ReadonlyMap<string, string> {
    return new Map([...this.files].map(([name, file]) => [name, createHash('sha256').update(file).digest('hex')]));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function send(response: ServerResponse, file: Buffer, range: string | undefined): Promise<void> {
  const from = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
  response.writeHead(range === undefined ? 200 : 206, { 'content-length': file.length - from });
  const step = Math.ceil(file.length / pieces);
  for (let at = from; at < file.length && !response.destroyed; at += step) {
    response.write(file.subarray(at, at + step));
    if (file.length > 1e6) await new Promise((resolve) => setTimeout(resolve, between));
  }
  response.end();
}
