/** Width and height from a JPEG's first start-of-frame segment (ITU-T T.81, B.2.2), before EXIF orientation; null when there is none. */
export function readJpegSize(view: DataView): [width: number, height: number] | null {
  let offset = 2;
  while (offset + 9 <= view.byteLength) {
    if (view.getUint8(offset) !== 0xff) return null;
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    // SOF0…SOF15 without DHT (C4), JPG (C8) and DAC (CC), which share the range.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return [view.getUint16(offset + 7), view.getUint16(offset + 5)];
    }
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    offset += standalone ? 2 : 2 + view.getUint16(offset + 2);
  }
  return null;
}
