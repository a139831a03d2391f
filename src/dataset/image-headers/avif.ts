/**
 * Width and height of an AVIF: the largest `ispe` (image spatial extents) property in its `meta` box (ISO/IEC 23008-12). Tiles and thumbnails
 * have one each, the whole picture the largest. Null when there is none.
 */
export function readAvifSize(view: DataView): [width: number, height: number] | null {
  let found: [number, number] | null = null;
  // meta → iprp → ipco → ispe; `meta` is a full box with four bytes of version and flags before its children.
  const inside = new Map([
    [0x6d657461, 4],
    [0x69707270, 0],
    [0x6970636f, 0],
  ]);
  const walk = (start: number, end: number): void => {
    let offset = start;
    while (offset + 8 <= end) {
      const declared = view.getUint32(offset);
      const type = view.getUint32(offset + 4);
      const size = declared === 0 ? end - offset : declared;
      // A 64-bit size belongs to huge media data, behind which no `meta` box is looked for.
      if (size < 8) return;
      const boxEnd = Math.min(end, offset + size);
      const skip = inside.get(type);
      if (skip !== undefined) walk(offset + 8 + skip, boxEnd);
      else if (type === 0x69737065 && offset + 20 <= boxEnd) {
        const size: [number, number] = [view.getUint32(offset + 12), view.getUint32(offset + 16)];
        if (found === null || size[0] * size[1] > found[0] * found[1]) found = size;
      }
      offset += size;
    }
  };
  walk(0, view.byteLength);
  return found;
}
