/**
 * Python that loads an unpacked export with Transformers, for the model card and for the page. It opens pictures as the studio does, since
 * Transformers' processor by itself ignores EXIF orientation and drops transparency: other pixels, other embeddings.
 *
 * @param folder the unpacked folder as Python is to find it
 */
export function usageSnippet(folder: string): string {
  return `import torch
from PIL import Image, ImageOps
from transformers import CLIPModel, CLIPProcessor

folder = ${JSON.stringify(folder)}
model = CLIPModel.from_pretrained(folder).eval()
processor = CLIPProcessor.from_pretrained(folder)


def open_picture(path):
    """As in training: turned the right way up, transparency laid on white."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture)
    return white


captions = ["a red apple", "a sailboat"]
image = open_picture("picture.jpg")
inputs = processor(text=captions, images=image, return_tensors="pt", padding=True, truncation=True)
with torch.no_grad():
    outputs = model(**inputs)
print(outputs.logits_per_image.softmax(dim=-1))  # how well each caption fits
`;
}
