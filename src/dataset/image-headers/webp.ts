/** Width and height from a WebP's first chunk: VP8X (extended), VP8L (lossless) or VP8 (lossy) (RFC 9649); null when damaged. */
export function readWebpSize(view: DataView): [width: number, height: number] | null {
  if (view.byteLength < 30) return null;
  const uint24 = (offset: number): number => view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
  switch (view.getUint32(12)) {
    case 0x56503858: // "VP8X"
      return [uint24(24) + 1, uint24(27) + 1];
    case 0x5650384c: {
      // "VP8L": signature 0x2f, then 14 bits of width - 1 and 14 bits of height - 1
      if (view.getUint8(20) !== 0x2f) return null;
      const bits = view.getUint32(21, true);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    }
    case 0x56503820: // "VP8 ": the frame's start code 9d 01 2a precedes the sizes
      if (view.getUint8(23) !== 0x9d || view.getUint8(24) !== 0x01 || view.getUint8(25) !== 0x2a) return null;
      return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    default:
      return null;
  }
}
