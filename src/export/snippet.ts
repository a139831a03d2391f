/**
 * Python that opens pictures as the studio does: processors by themselves ignore EXIF orientation and drop transparency, which gives other pixels and
 * other embeddings. It needs `Image` and `ImageOps` of Pillow.
 */
export const openPicture = `def open_picture(path):
    """As in training: turned the right way up, transparency laid on white."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture)
    return white`;

/** The section of a model card on how to load it. @param note what is to be known besides */
export function usageSection(snippet: string, note: string): string {
  return `## How to use\n\n\`\`\`python\n${snippet.trim()}\n\`\`\`\n\n${note}`;
}
