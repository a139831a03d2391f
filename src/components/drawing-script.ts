/**
 * What runs in the frame that draws SVGs. It is handed on as text, since a sandboxed frame has an origin of its own and may load nothing. The
 * page's policy passes on to the frame and knows this script by its digest (vite.config.ts).
 */
export const drawingScript = `
addEventListener('message', async ({ data: { svg, width, height }, ports: [port] }) => {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d').drawImage(image, 0, 0, width, height);
    const png = await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer();
    port.postMessage(png, [png]);
  } catch {
    port.postMessage(null);
  } finally {
    URL.revokeObjectURL(url);
  }
});
parent.postMessage('drawing-frame-ready', '*');
`;
