import { featureCache } from '../here';
import type { KeptRows } from '../feature-cache';

/** What a test asks of the cache in a worker, where the file system has its fast access. Rows are named by numbers. */
export type RowsRequest =
  | { readonly do: 'open'; readonly key: string; readonly width: number; readonly rows: readonly number[] }
  | { readonly do: 'write'; readonly row: number; readonly values: Float32Array }
  | { readonly do: 'read'; readonly row: number; readonly width: number }
  | { readonly do: 'close' };

/** Whether the rows are open, or the row that was read; null where there is none. */
export type RowsAnswer = boolean | Float32Array | null;

const contentOf = (row: number): string => row.toString(16).padStart(64, '0');
let open: KeptRows | null = null;

async function answer(request: RowsRequest): Promise<RowsAnswer> {
  switch (request.do) {
    case 'open':
      open = await featureCache.open(request.key, request.width, request.rows.map(contentOf));
      break;
    case 'write':
      await open?.write([contentOf(request.row)], request.values);
      break;
    case 'read': {
      const target = new Float32Array(request.width);
      return (await open?.read(contentOf(request.row), target)) === true ? target : null;
    }
    case 'close':
      open?.close();
      open = null;
      break;
    default:
      return request satisfies never;
  }
  return open !== null;
}

self.addEventListener('message', ({ data }: MessageEvent<RowsRequest>) => {
  void answer(data).then((result) => self.postMessage(result));
});
