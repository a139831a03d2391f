import { serveKernels, type ThreadStart } from './threads';

/** Entry of a worker of the thread pool. */
self.onmessage = ({ data }: MessageEvent<ThreadStart>) => {
  serveKernels(data, () => self.postMessage('listening'));
};
