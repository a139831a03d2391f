import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server for one test file. */
export interface TestServer {
  readonly address: string;
  /** Paths asked for, in order. */
  readonly asked: string[];
  /** What answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Starts a server on a free port of this machine; it answers 404 until it is told otherwise. */
export async function serve(): Promise<TestServer> {
  const server = createServer((request, response) => {
    test.asked.push(request.url ?? '');
    test.answer(request, response);
  });
  const test: TestServer = {
    address: '',
    asked: [],
    answer: (_, response) => response.writeHead(404).end(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(test, { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** Answers with files by their path; 404 for others. */
export function folderOf(files: Readonly<Record<string, Uint8Array>>): TestServer['answer'] {
  return (request, response) => {
    const file = files[request.url ?? ''];
    if (file === undefined) response.writeHead(404).end('Not found');
    else response.writeHead(200, { 'content-length': file.length }).end(file);
  };
}
