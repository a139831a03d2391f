import { z } from 'zod';
import type { Recipe } from '../../../recipe/schema';
import { examplesOption, precisionOption } from '../../options';
import { openPicture } from '../../snippet';
import type { FormatDescription } from '../description';

/**
 * What the page knows of the format before anything is exported. Nothing here brings in what writes or reads exports, so the page stays small.
 */

export const huggingface = {
  id: 'huggingface',
  label: 'Hugging Face',
  readers: 'Transformers and tools that build on it',
  options: z.object({ precision: precisionOption, examples: examplesOption }),
  contents: [
    ['config.json', 'what the model is made of'],
    ['model.safetensors', 'its weights, with the names and shapes that Transformers knows'],
    ['tokenizer.json and the files that belong to it', 'how words become numbers'],
    ['preprocessor_config.json or processor_config.json', 'how pictures become numbers'],
  ],
  snippet: usageSnippet,
  classifierSnippet,
  classifierContents: [
    ['model.onnx', 'the same for ONNX Runtime; it reads its weights from model.safetensors beside it'],
  ],
  headSnippet,
  headContents: [
    ['head.json', 'what the head reads and gives: classes or numbers, temperature, thresholds'],
    ['head.safetensors', 'its weights'],
    ['head.py', 'a loader: PyTorch, Transformers and safetensors are all it needs'],
    ['model.onnx', 'towers and head for ONNX Runtime; it reads its weights from the two files of weights beside it'],
  ],
} as const satisfies FormatDescription;

/** How Transformers is asked, by `model_type`: its classes, the captions as they are to be given, and what the logits are. */
const ways = {
  clip: {
    model: 'CLIPModel',
    processor: 'CLIPProcessor',
    captions: 'text=captions',
    padding: 'padding=True',
    fit: 'outputs.logits_per_image.softmax(dim=-1)',
  },
  // Trained with every caption padded, and SigLIP 2 on small letters alone; each pair is judged by itself.
  siglip: {
    model: 'SiglipModel',
    processor: 'AutoProcessor',
    captions: 'text=[caption.lower() for caption in captions]',
    padding: 'padding="max_length", max_length=model.config.text_config.max_position_embeddings',
    fit: 'torch.sigmoid(outputs.logits_per_image)',
  },
} as const;

/**
 * Python that loads an unpacked export with Transformers, for the model card and for the page.
 *
 * @param folder the unpacked folder as Python is to find it
 * @param modelType of the model
 * @param recipe that it was trained by, where it was: models that write are asked as they were taught
 */
export function usageSnippet(folder: string, modelType: string, recipe?: Pick<Recipe, 'task'>): string {
  if (modelType === 'blip') return writerSnippet(folder, recipe);
  const { model, processor, captions, padding, fit } = modelType === 'siglip' ? ways.siglip : ways.clip;
  return `import torch
from PIL import Image, ImageOps
from transformers import ${[model, processor].sort().join(', ')}

folder = ${JSON.stringify(folder)}
model = ${model}.from_pretrained(folder).eval()
processor = ${processor}.from_pretrained(folder)


${openPicture}


captions = ["a red apple", "a sailboat"]
image = open_picture("picture.jpg")
inputs = processor(${captions}, images=image, return_tensors="pt", ${padding}, truncation=True)
with torch.no_grad():
    outputs = model(**inputs)
print(${fit})  # how well each caption fits
`;
}

/** [ENC] before a question, where BLIP's processor sets [CLS]: as its authors trained it, and LAVIS does. */
const encoded =
  '    inputs["input_ids"][:, 0] = config.text_config.bos_token_id + 1  # [ENC], as in training; the processor sets [CLS]\n';

/** Python that loads an unpacked export of a BLIP, whichever of its two classes it is: a base model may have either. */
function writerSnippet(folder: string, recipe?: Pick<Recipe, 'task'>): string {
  const task = recipe?.task;
  const prompt = task?.type === 'captioning' ? task.captionPrompt.trim() : '';
  const lavis = task?.type !== 'answering' || task.labelConvention !== 'transformers';
  const caption =
    prompt === ''
      ? 'processor(images=image, return_tensors="pt")  # text="a picture of" makes it go on from there'
      : `processor(images=image, text=${JSON.stringify(prompt)}, return_tensors="pt")  # captions begin with it, as in training`;
  return `import torch
import transformers
from PIL import Image, ImageOps

folder = ${JSON.stringify(folder)}
config = transformers.AutoConfig.from_pretrained(folder)
model = getattr(transformers, config.architectures[0]).from_pretrained(folder).eval()
processor = transformers.AutoProcessor.from_pretrained(folder)


${openPicture}


image = open_picture("picture.jpg")
if config.architectures[0] == "BlipForQuestionAnswering":
    inputs = processor(images=image, text="what is in the picture?", return_tensors="pt")
${lavis ? encoded : ''}else:
    inputs = ${caption}
with torch.no_grad():
    words = model.generate(**inputs, max_new_tokens=20)
print(processor.decode(words[0], skip_special_tokens=True))
`;
}

/**
 * Python that loads an unpacked export of a classifier of pictures with Transformers.
 *
 * @param folder the unpacked folder as Python is to find it
 * @param recipe that it was trained by, where it was: a picture has one class, or any number of labels
 */
export function classifierSnippet(folder: string, _modelType: string, recipe?: Pick<Recipe, 'task'>): string {
  const several = recipe?.task.type === 'classification' && recipe.task.labelKind === 'several';
  const said = several
    ? `probabilities = (logits / calibration["temperature"]).sigmoid()
thresholds = calibration["thresholds"] or [0.5] * len(probabilities)
for place, threshold in enumerate(thresholds):
    if probabilities[place] >= threshold:
        print(model.config.id2label[place], float(probabilities[place]))`
    : `probabilities = (logits / calibration["temperature"]).softmax(dim=-1)
for place in probabilities.argsort(descending=True)[:5].tolist():
    print(model.config.id2label[place], float(probabilities[place]))`;
  return `import torch
from PIL import Image, ImageOps
from transformers import AutoImageProcessor, AutoModelForImageClassification

folder = ${JSON.stringify(folder)}
model = AutoModelForImageClassification.from_pretrained(folder).eval()
processor = AutoImageProcessor.from_pretrained(folder)


${openPicture}


inputs = processor(images=open_picture("picture.jpg"), return_tensors="pt")
with torch.no_grad():
    logits = model(**inputs).logits[0]
calibration = model.config.vernier_calibration  # as chosen on the validation pictures
${said}

# The same logits with ONNX Runtime:
#   session = onnxruntime.InferenceSession(folder + "/model.onnx")
#   session.run(["logits"], {"pixel_values": inputs.pixel_values.numpy()})
`;
}

/** How a head is called, by what it reads, and what is to be known of that. */
const readings = {
  picture: ['"picture.jpg"', ''],
  words: ['words="some words"', ''],
  both: ['"picture.jpg", "some words"', '  # either may be None'],
} as const;

/**
 * Python that loads an unpacked export with a head of its own.
 *
 * @param folder the unpacked folder as Python is to find it
 * @param recipe that it was trained by, where it was
 */
export function headSnippet(folder: string, _modelType: string, recipe?: Pick<Recipe, 'task'>): string {
  const task = recipe?.task;
  const [given, note] = readings[task !== undefined && 'input' in task ? task.input : 'both'];
  return `import sys

folder = ${JSON.stringify(folder)}
sys.path.insert(0, folder)
from head import Head

head = Head(folder)
print(head(${given}))${note}

# The same logits with ONNX Runtime, which needs no PyTorch to compute them:
#   from head import feeds
#   session = onnxruntime.InferenceSession(folder + "/model.onnx")
#   session.run(["logits"], feeds(folder, ${given}))
`;
}
