import { DrawingFrame } from './DrawingFrame';

/** Time that the frame may take for one SVG, in milliseconds. */
const patience = 8_000;
/** A frame that has had nothing to do for so long is given back, in milliseconds. */
const idle = 10_000;

let frame: DrawingFrame | null = null;
let idleTimer: ReturnType<typeof setTimeout> | undefined;
let before: Promise<unknown> = Promise.resolve();

/**
 * Draws an SVG as a PNG of the given size, one at a time. It is drawn in a frame that shares nothing with the page, which browsers run in a process
 * of its own where they can: a drawing that takes too long is given up together with its frame, and the page goes on meanwhile. An image element
 * runs no script of the SVG and loads nothing that it refers to.
 *
 * @throws Error with a sentence for the user when the browser cannot draw it, or not in time
 */
export function rasterizeSvg(
  svg: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const drawn = before.then(() => draw(svg, width, height));
  before = drawn.catch(() => undefined);
  return drawn;
}

async function draw(svg: Uint8Array<ArrayBuffer>, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  clearTimeout(idleTimer);
  frame ??= new DrawingFrame();
  try {
    const png = await frame.draw(svg, width, height, patience);
    if (png !== null) return png;
  } catch (error) {
    giveBack();
    throw error;
  } finally {
    idleTimer = setTimeout(giveBack, idle);
  }
  throw new Error(
    'The SVG cannot be drawn: it is damaged. Open and save it in a drawing program, or convert it to PNG.',
  );
}

function giveBack(): void {
  frame?.remove();
  frame = null;
}
