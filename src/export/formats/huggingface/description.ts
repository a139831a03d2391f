import { z } from 'zod';
import { precisionOption } from '../../options';
import { openPicture } from '../../snippet';
import type { FormatDescription } from '../description';

export const huggingface = {
  id: 'huggingface',
  label: 'Hugging Face',
  readers: 'Transformers and its kin',
  options: z.object({ precision: precisionOption }),
  contents: [
    ['config.json', 'what the model is made of'],
    ['model.safetensors', 'its weights, with the names and shapes that Transformers knows'],
    ['tokenizer.json and its kin', 'how words become numbers'],
    ['preprocessor_config.json or processor_config.json', 'how pictures become numbers'],
  ],
  snippet: usageSnippet,
} as const satisfies FormatDescription;

/**
 * Python that loads an unpacked export with Transformers, for the model card and for the page.
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


${openPicture}


captions = ["a red apple", "a sailboat"]
image = open_picture("picture.jpg")
inputs = processor(text=captions, images=image, return_tensors="pt", padding=True, truncation=True)
with torch.no_grad():
    outputs = model(**inputs)
print(outputs.logits_per_image.softmax(dim=-1))  # how well each caption fits
`;
}
