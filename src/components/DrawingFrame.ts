import { drawingScript } from './drawing-script';

/** The frame's own policy leaves it this script and pictures that it made itself. */
const source = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; img-src blob: data:; style-src 'unsafe-inline'; font-src data:"><script>${drawingScript}</script>`;

const tooSlow =
  'The SVG takes too long to draw. Simplify it in a drawing program, or convert it to PNG and add it again.';

/** A hidden frame without any rights in which SVGs are drawn. */
export class DrawingFrame {
  private readonly element = document.createElement('iframe');
  private readonly ready: Promise<void>;

  constructor() {
    const { element } = this;
    element.setAttribute('sandbox', 'allow-scripts');
    element.hidden = true;
    element.title = 'Draws SVG pictures';
    element.srcdoc = source;
    this.ready = new Promise((resolve) => {
      const hear = (event: MessageEvent<unknown>): void => {
        if (event.source !== element.contentWindow || event.data !== 'drawing-frame-ready') return;
        window.removeEventListener('message', hear);
        resolve();
      };
      window.addEventListener('message', hear);
    });
    document.body.append(element);
  }

  /**
   * Draws an SVG on a canvas of the given size in pixels.
   * @param patience in milliseconds
   * @returns the PNG; null when the browser cannot draw it
   * @throws Error with a sentence for the user when it takes longer than `patience`; the frame is of no more use then
   */
  async draw(
    svg: Uint8Array<ArrayBuffer>,
    width: number,
    height: number,
    patience: number,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const { port1, port2 } = new MessageChannel();
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(tooSlow)), patience);
        port1.onmessage = ({ data }: MessageEvent<unknown>) =>
          resolve(data instanceof ArrayBuffer ? new Uint8Array(data) : null);
        void this.ready.then(() => this.element.contentWindow?.postMessage({ svg, width, height }, '*', [port2]));
      });
    } finally {
      clearTimeout(timer);
      port1.close();
    }
  }

  /** Ends what is being drawn and gives the frame back. */
  remove(): void {
    this.element.remove();
  }
}
