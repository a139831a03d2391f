/** A model that the Model page offers by name. */
export interface CatalogueEntry {
  /** One of {@link embeddedModels}, else `owner/name` on the hub, or `owner/name@revision` where its main branch has no safetensors. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly parameters: number;
  /** Bytes to download, about: four a parameter for the models on the hub. */
  readonly bytes: number;
  readonly license: string;
  readonly imageSize: number;
}

/** The embedded model that compares pictures with words: what the studio begins with. */
export const embeddedModel = 'seed-clip';
/** The embedded model that writes captions and answers. */
export const embeddedWriter = 'seed-blip';

/** True for the models that ship with the studio. They know drawings alone. */
export function isEmbedded(id: string): boolean {
  return id === embeddedModel || id === embeddedWriter;
}

/** Parameters follow from each model's configuration; licences are those of the models' pages on huggingface.co. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    id: embeddedModel,
    name: 'Seed CLIP',
    description:
      'Ships with the studio: a small CLIP for emoji and clip art at 64 pixels. It knows drawings, not photographs. Learns within minutes even without a GPU.',
    parameters: 5_365_633,
    bytes: 10_751_210,
    license: 'Apache-2.0',
    imageSize: 64,
  },
  {
    id: embeddedWriter,
    name: 'Seed BLIP',
    description:
      'Ships with the studio: a small BLIP at 64 pixels. It answers questions about shapes, and names emoji and clip art: about one in four of a style that it has not seen.',
    parameters: 7_427_104,
    bytes: 14_884_544,
    license: 'Apache-2.0',
    imageSize: 64,
  },
  {
    id: 'openai/clip-vit-base-patch32@refs/pr/15',
    name: 'CLIP ViT-B/32',
    description: 'The usual start: quick for its size, trained by OpenAI on 400 million pairs.',
    parameters: 151_277_313,
    bytes: 605_109_252,
    license: 'MIT',
    imageSize: 224,
  },
  {
    id: 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K',
    name: 'OpenCLIP ViT-B/32 (LAION-2B)',
    description: 'The same network trained in the open on LAION-2B; often better at retrieval.',
    parameters: 151_277_313,
    bytes: 605_109_252,
    license: 'MIT',
    imageSize: 224,
  },
  {
    id: 'patrickjohncyh/fashion-clip',
    name: 'FashionCLIP',
    description: 'CLIP ViT-B/32 trained on for clothes and product catalogues.',
    parameters: 151_277_313,
    bytes: 605_109_252,
    license: 'MIT',
    imageSize: 224,
  },
  {
    id: 'google/siglip-base-patch16-224',
    name: 'SigLIP B/16',
    description:
      'Judges each pair of picture and words by itself. Sees finer detail than B/32 and takes four times the time.',
    parameters: 203_155_970,
    bytes: 812_623_880,
    license: 'Apache-2.0',
    imageSize: 224,
  },
  {
    id: 'google/siglip2-base-patch16-224',
    name: 'SigLIP 2 B/16',
    description:
      'The same network trained again on more, in many languages: its table of words alone is half of the model.',
    parameters: 375_187_970,
    bytes: 1_500_751_880,
    license: 'Apache-2.0',
    imageSize: 224,
  },
  {
    id: 'Salesforce/blip-image-captioning-base',
    name: 'BLIP captions (base)',
    description:
      'Writes captions: trained on 129 million pictures with their words, then on COCO. Pictures of 384 pixels.',
    parameters: 223_971_644,
    bytes: 989_656_304,
    license: 'BSD-3-Clause',
    imageSize: 384,
  },
  {
    id: 'Salesforce/blip-vqa-base',
    name: 'BLIP answers (base)',
    description:
      'Answers questions about pictures: the same image tower and decoder with an encoder of questions between them, trained on VQA 2.',
    parameters: 361_230_140,
    bytes: 1_538_690_288,
    license: 'BSD-3-Clause',
    imageSize: 384,
  },
  {
    id: 'openai/clip-vit-large-patch14',
    name: 'CLIP ViT-L/14',
    description: 'Sees finer detail and knows more than B/32; needs a strong GPU and several times the time.',
    parameters: 427_616_513,
    bytes: 1_710_466_052,
    license: 'MIT',
    imageSize: 224,
  },
];
