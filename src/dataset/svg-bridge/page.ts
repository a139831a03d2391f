import type { SvgRasterizer } from '../svg/drawing';
import { channelName, requestSchema, type DrawAnswer } from './channel';

/**
 * Answers the worker's requests with `rasterize`.
 * @returns a function that stops answering
 */
export function serveRasterizer(rasterize: SvgRasterizer): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const request = requestSchema.safeParse(data);
    if (!request.success) return;
    const { id, svg, width, height } = request.data;
    const answer = (png: Uint8Array<ArrayBuffer> | null, reason: string): void =>
      channel.postMessage({ kind: 'drawn', id, png, reason } satisfies DrawAnswer);
    rasterize(svg, width, height).then(
      (png) => answer(png, ''),
      (error: unknown) => answer(null, error instanceof Error ? error.message : String(error)),
    );
  };
  return () => channel.close();
}
