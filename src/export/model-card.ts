import { isRelevant } from '../recipe/describe';
import { fieldInfo, type FieldInfo } from '../recipe/field';
import { recipeSchema, type RecipeKey } from '../recipe/schema';
import type { DirectionMetrics, RetrievalMetrics } from '../training/protocol';
import type { ExportFacts } from './facts';
import { parseHubId } from '../model/hub';

/**
 * `README.md` of an export: a model card with the front matter that the Hugging Face Hub reads, and the sections that people look for in this
 * order: summary, how to use, training data, recipe, results beside the baseline, limits, environment. It tells about the data in numbers only.
 */
export function modelCard(facts: ExportFacts): string {
  const sections = [
    `# ${oneLine(facts.name)}`,
    summary(facts),
    usage,
    trainingData(facts),
    recipeTable(facts),
    results(facts),
    limits(facts),
    environment(facts),
  ];
  return `${frontMatter(facts)}\n${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** `owner/name` of a model that lies on a hub, whatever its revision; null for others. */
const hubName = (id: string): string | null =>
  id.startsWith('local/') || !id.includes('/') ? null : (parseHubId(id)?.name ?? null);

function frontMatter(facts: ExportFacts): string {
  const { base, run } = facts;
  const onHub = hubName(base.id);
  const lines = [
    `license: ${base.license?.toLowerCase() ?? 'unknown'}`,
    'library_name: transformers',
    'pipeline_tag: zero-shot-image-classification',
    ...(onHub !== null ? [`base_model: ${onHub}`, ...(run === null ? [] : ['base_model_relation: finetune'])] : []),
    'tags:',
    ...['clip', 'image-text-retrieval', 'vernier'].map((tag) => `- ${tag}`),
    'metrics:',
    '- recall',
    ...modelIndex(facts),
  ];
  return `---\n${lines.join('\n')}\n---\n`;
}

/** The results in the form that the Hub lists on a model's page. */
function modelIndex(facts: ExportFacts): string[] {
  const measured = finalResults(facts);
  if (measured === null || facts.run === null) return [];
  const { tuned, split } = measured;
  const metric = (name: string, value: number): string[] => [
    '    - type: recall',
    `      name: ${name}`,
    `      value: ${value.toFixed(4)}`,
  ];
  return [
    'model-index:',
    `- name: ${JSON.stringify(oneLine(facts.name))}`,
    '  results:',
    '  - task:',
    '      type: image-text-retrieval',
    '    dataset:',
    `      name: ${JSON.stringify(oneLine(facts.run.dataset.name))}`,
    '      type: custom',
    `      split: ${split}`,
    '    metrics:',
    ...metric('Text-to-image Recall@1', tuned.textToImage.recallAt1),
    ...metric('Image-to-text Recall@1', tuned.imageToText.recallAt1),
  ];
}

function summary(facts: ExportFacts): string {
  const { base, run, parameters, trainedParameters } = facts;
  const onHub = hubName(base.id);
  const origin =
    onHub !== null ? `[${base.id}](https://huggingface.co/${onHub})` : `**${oneLine(base.name)}** (\`${base.id}\`)`;
  const licence =
    base.license === null
      ? 'The base model states no licence; find out before you pass this model on.'
      : `The base model's licence is ${base.license}, which this model inherits.`;
  if (run === null) return `A CLIP model, the base model ${origin} as it is, stored in ${facts.precision}. ${licence}`;
  const trained =
    trainedParameters === parameters
      ? `All ${count(parameters)} parameters were trained.`
      : `${count(trainedParameters)} of ${count(parameters)} parameters (${((100 * trainedParameters) / parameters).toFixed(1)} %) were trained; all others are those of the base model.`;
  return (
    `A CLIP model, fine-tuned from ${origin} with image–caption pairs in [Vernier](#environment), a studio that trains in a browser tab. ` +
    `${trained} Weights are stored in ${facts.precision}. The data stayed on the machine it was trained on. ${licence}`
  );
}

const usage = `## How to use

\`\`\`python
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

folder = "."  # the folder that holds this file
model = CLIPModel.from_pretrained(folder).eval()
processor = CLIPProcessor.from_pretrained(folder)

image = Image.new("RGB", (64, 64), "red")  # Image.open("picture.jpg").convert("RGB")
captions = ["a red square", "a photo of a dog"]
inputs = processor(text=captions, images=image, return_tensors="pt", padding=True, truncation=True)
with torch.no_grad():
    outputs = model(**inputs)
print(outputs.logits_per_image.softmax(dim=-1))  # how well each caption fits
\`\`\``;

function trainingData({ run, data, dataChanged }: ExportFacts): string {
  if (run === null) return '';
  const { dataset } = run;
  const rows: (readonly [string, string])[] = [
    ['Name', oneLine(dataset.name)],
    ['Pictures', count(dataset.images)],
    ['Train / validation / test', [dataset.train, dataset.validation, dataset.test].map(count).join(' / ')],
  ];
  if (data !== null) {
    rows.push(
      ['Captions', count(data.captions)],
      ['Words in a caption (median)', count(data.medianWords)],
      ['Captions that repeat another', count(data.duplicateCaptions)],
      ['Origin', oneLine(data.origin)],
    );
  }
  rows.push(['Fingerprint', `\`${dataset.fingerprint}\``]);
  const changed = dataChanged
    ? ' The collection was changed after this run, so its captions were not counted and no test pictures were measured for this card.'
    : '';
  return `## Training data\n\n${table(['', ''], rows)}\n\nThe fingerprint is the SHA-256 of all pictures, captions and splits: equal data gives an equal one.${changed}`;
}

function recipeTable({ run }: ExportFacts): string {
  if (run === null) return '';
  const rows = (Object.keys(recipeSchema.shape) as RecipeKey[])
    .filter((key) => isRelevant(key, run.recipe))
    .map((key) => {
      const info: FieldInfo | undefined = fieldInfo.get(recipeSchema.shape[key]);
      return [info?.label ?? key, `\`${key}\``, String(run.recipe[key])] as const;
    });
  return `## Recipe\n\n${table(['Setting', 'Name', 'Value'], rows)}\n\n\`training.json\` holds the same for programs.`;
}

interface FinalResults {
  readonly split: 'test' | 'validation';
  readonly base: RetrievalMetrics;
  readonly tuned: RetrievalMetrics;
}

/** Results of the exported weights: on the test pictures where they were measured, else on the validation pictures at the exported step. */
function finalResults({ run, test }: ExportFacts): FinalResults | null {
  if (test !== null && test.tuned !== null) return { split: 'test', base: test.base, tuned: test.tuned };
  if (run === null || run.baseline === null) return null;
  const tuned = run.evaluations.find(({ step }) => step === run.weightsStep) ?? run.evaluations.at(-1);
  return tuned === undefined ? null : { split: 'validation', base: run.baseline, tuned };
}

function results(facts: ExportFacts): string {
  const measured = finalResults(facts);
  if (measured === null) return '';
  const { split, base, tuned } = measured;
  const direction = (name: string, before: DirectionMetrics, after: DirectionMetrics): (readonly string[])[] => [
    [`${name} Recall@1`, percent(before.recallAt1), percent(after.recallAt1)],
    [`${name} Recall@5`, percent(before.recallAt5), percent(after.recallAt5)],
    [`${name} Recall@10`, percent(before.recallAt10), percent(after.recallAt10)],
    [`${name} median rank`, String(before.medianRank), String(after.medianRank)],
    [`${name} mean rank`, before.meanRank.toFixed(1), after.meanRank.toFixed(1)],
  ];
  const rows = [
    ...direction('Text → image', base.textToImage, tuned.textToImage),
    ...direction('Image → text', base.imageToText, tuned.imageToText),
    ['Contrastive loss', base.loss.toFixed(3), tuned.loss.toFixed(3)],
  ];
  const chosen =
    split === 'validation' && facts.run?.recipe.restoreBest === true
      ? ' The weights were chosen by these very pictures, so expect a little less on new ones.'
      : '';
  return `## Results\n\nRetrieval among ${count(tuned.gallery)} ${split} pictures, none of which was trained on.${chosen}\n\n${table(
    ['Metric', 'Base model', 'This model'],
    rows,
  )}`;
}

function limits({ run }: ExportFacts): string {
  if (run === null) return '';
  return `## Limits

- It was trained on ${count(run.dataset.train)} pictures of one collection. On pictures and words unlike those it may do worse than its base model; measure before you rely on it.
- Recall grows easier the fewer pictures are searched: compare it only with results on a gallery of the same size.
- It inherits what its base model has learned, biases included. None of that was examined here.
- It is not fit to identify or judge people.`;
}

function environment({ run, createdAt }: ExportFacts): string {
  const rows: (readonly [string, string])[] = [['Exported', new Date(createdAt).toISOString().slice(0, 10)]];
  if (run !== null) {
    rows.push(
      ['Vernier', run.environment.version],
      ['Backend', run.environment.backend],
      ['GPU adapter', run.environment.adapter ?? 'none'],
      ['Browser', run.environment.userAgent],
      ['Steps', `${count(run.stepsDone)} of ${count(run.totalSteps)} (${run.state})`],
      ['Weights of step', run.weightsStep === null ? 'unknown' : count(run.weightsStep)],
      ['Training time', `${Math.round(run.seconds)} s`],
    );
  }
  return `## Environment\n\n${table(['', ''], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
