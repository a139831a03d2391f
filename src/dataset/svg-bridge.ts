import { z } from 'zod';
import type { SvgRasterizer } from './intake';
import { prepareSvg } from './svg/prepare';

/**
 * Browsers draw SVG only where there is a document, so the worker asks the page. The two talk over a BroadcastChannel of their own: a request
 * carries the SVG's bytes, the answer the PNG's. Where several tabs are open the first answer counts.
 */
const channelName = 'vernier-svg';

const bytes = z.instanceof(Uint8Array<ArrayBuffer>);
const requestSchema = z.object({
  kind: z.literal('draw'),
  id: z.string(),
  svg: bytes,
  width: z.int().min(1).max(4096),
  height: z.int().min(1).max(4096),
});
const answerSchema = z.object({ kind: z.literal('drawn'), id: z.string(), png: bytes.nullable(), reason: z.string() });

/** Time that a page may take for one SVG. A page in the background is slow, but not as slow as this. */
const patience = 15_000;

/** Resolves when the page has dealt with all SVGs so far: it draws one at a time, and none is to wait for its turn out of its own time. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Worker side: makes an SVG safe and has it drawn by a page that runs `serveRasterizer`.
 * @throws Error with a sentence for the user: damaged, beyond what is drawn, or not drawn in time
 */
export const rasterizeOnPage: SvgRasterizer = async (svg, width, height) => {
  const safe = prepareSvg(svg, width, height);
  const drawn = before.then(() => askPage(safe, width, height));
  before = drawn.catch(() => undefined);
  return drawn;
};

function askPage(svg: Uint8Array<ArrayBuffer>, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const channel = new BroadcastChannel(channelName);
  const id = crypto.randomUUID();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const answer = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error('The page did not draw the SVG in time. Convert it to PNG and add it again.')),
      patience,
    );
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const parsed = answerSchema.safeParse(data);
      if (!parsed.success || parsed.data.id !== id) return;
      if (parsed.data.png === null) reject(new Error(parsed.data.reason));
      else resolve(parsed.data.png);
    };
    channel.postMessage({ kind: 'draw', id, svg, width, height } satisfies z.infer<typeof requestSchema>);
  });
  return answer.finally(() => {
    clearTimeout(timer);
    channel.close();
  });
}

/**
 * Page side: answers the worker's requests with `rasterize`.
 * @returns a function that stops answering
 */
export function serveRasterizer(rasterize: SvgRasterizer): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const request = requestSchema.safeParse(data);
    if (!request.success) return;
    const { id, svg, width, height } = request.data;
    const answer = (png: Uint8Array<ArrayBuffer> | null, reason: string): void =>
      channel.postMessage({ kind: 'drawn', id, png, reason } satisfies z.infer<typeof answerSchema>);
    rasterize(svg, width, height).then(
      (png) => answer(png, ''),
      (error: unknown) => answer(null, error instanceof Error ? error.message : String(error)),
    );
  };
  return () => channel.close();
}
