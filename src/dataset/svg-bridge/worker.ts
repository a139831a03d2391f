import type { SvgRasterizer } from '../svg/drawing';
import { prepareSvg } from '../svg/prepare';
import { answerSchema, channelName, type DrawRequest } from './channel';

/** Time that a page may take for one SVG. A page in the background is slow, but not as slow as this. */
const patience = 15_000;

/** Resolves when the page has dealt with all SVGs so far: it draws one at a time, and none is to wait for its turn out of its own time. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Makes an SVG safe and has it drawn by a page that runs `serveRasterizer` (`./page`).
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
    channel.postMessage({ kind: 'draw', id, svg, width, height } satisfies DrawRequest);
  });
  return answer.finally(() => {
    clearTimeout(timer);
    channel.close();
  });
}
