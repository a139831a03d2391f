/**
 * Draws an SVG as a PNG of the given size. An image element runs no script of the SVG and loads nothing that it refers to.
 * @throws Error with a sentence for the user when the browser cannot draw it
 */
export async function rasterizeSvg(
  svg: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
    const png = await canvas.convertToBlob({ type: 'image/png' });
    return new Uint8Array(await png.arrayBuffer());
  } catch (error) {
    throw new Error(
      'The SVG cannot be drawn: it is damaged. Open and save it in a drawing program, or convert it to PNG.',
      {
        cause: error,
      },
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
