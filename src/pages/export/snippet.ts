/** Python that loads the unpacked export with Transformers. @param folder the zip's name without its ending */
export function loadingSnippet(folder: string): string {
  return `from PIL import Image
from transformers import CLIPModel, CLIPProcessor

model = CLIPModel.from_pretrained("${folder}")
processor = CLIPProcessor.from_pretrained("${folder}")

inputs = processor(
    text=["a red apple", "a sailboat"],
    images=Image.open("picture.png").convert("RGB"),
    padding=True,
    truncation=True,
    return_tensors="pt",
)
print(model(**inputs).logits_per_image.softmax(dim=-1))
`;
}
