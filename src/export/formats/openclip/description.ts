import { z } from 'zod';
import { examplesOption, precisionOption } from '../../options';
import { openPicture } from '../../snippet';
import type { FormatDescription } from '../description';

export const openclip = {
  id: 'openclip',
  label: 'OpenCLIP',
  readers: 'OpenCLIP and what is built on it',
  options: z.object({ precision: precisionOption, examples: examplesOption }),
  contents: [
    ['open_clip_config.json', 'what the model is made of, and how pictures become numbers'],
    ['open_clip_model.safetensors', 'its weights, with the names and shapes that OpenCLIP knows'],
    ['tokenizer.json and the files that belong to it', 'how words become numbers'],
  ],
  snippet: usageSnippet,
} as const satisfies FormatDescription;

/**
 * Python that loads an unpacked export with OpenCLIP, for the model card and for the page.
 *
 * @param folder the unpacked folder as Python is to find it
 */
export function usageSnippet(folder: string): string {
  return `import open_clip
import torch
from PIL import Image, ImageOps

folder = ${JSON.stringify(`local-dir:${folder}`)}
model, _, preprocess = open_clip.create_model_and_transforms(folder)
model.eval()
tokenizer = open_clip.get_tokenizer(folder)


${openPicture}


captions = ["a red apple", "a sailboat"]
image = preprocess(open_picture("picture.jpg")).unsqueeze(0)
with torch.no_grad():
    images = model.encode_image(image, normalize=True)
    texts = model.encode_text(tokenizer(captions), normalize=True)
    logits = model.logit_scale.exp() * images @ texts.T
print(logits.softmax(dim=-1))  # how well each caption fits
`;
}
