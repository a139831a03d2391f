import { z } from 'zod';
import { augments, freezesLowerImageLayers } from './augmentation';
import { changesSummary, changesText } from './changes';
import { fieldInfo, type FieldInfo } from './field';
import { fieldOf, hasField, isPart, schemaOf, typesFor, type RecipeKey } from './fields';
import type { Recipe } from './schema';
import { writesWords } from './tasks/words';

/** What people read for the values of fields that are one of several. */
const optionLabels: { readonly [Key in RecipeKey]?: Readonly<Record<string, string>> } = {
  task: {
    contrastive: 'Match pictures and words',
    classification: 'Classify',
    regression: 'Predict numbers',
    captioning: 'Write captions',
    answering: 'Answer questions',
  },
  method: { 'fine-tuning': 'Fine-tuning' },
  freeze: {
    full: 'everything',
    'last-blocks': 'the last blocks',
    projections: 'matching layers only',
    'image-locked': 'the text tower',
    'text-locked': 'the image tower',
    custom: 'chosen layers',
  },
  input: { picture: 'The picture', words: 'The words', both: 'Both' },
  captionChoice: { first: 'The first caption', drawn: 'One drawn each epoch' },
  fusion: { concat: 'Side by side', gate: 'Gate', attention: 'Attention' },
  head: { linear: 'Linear', mlp: 'Hidden layer' },
  labelKind: { one: 'One', several: 'Several', ordered: 'Ordered' },
  classLoss: { 'cross-entropy': 'Cross-entropy', focal: 'Focal' },
  numberLoss: { squared: 'Squared', huber: 'Huber' },
  headStart: { words: 'Words', zeros: 'Zeros' },
  classWeights: { none: 'By samples', balanced: 'Equal', effective: 'By effective number' },
  batchOrder: { shuffled: 'Shuffled', stratified: 'Even in classes' },
  labelConvention: { lavis: 'LAVIS', transformers: 'Transformers' },
  loss: { auto: 'Automatic', contrastive: 'Contrastive', sigmoid: 'Sigmoid' },
  durationUnit: { epochs: 'Epochs', steps: 'Steps' },
  optimizer: { adamw: 'AdamW', adam: 'Adam', sgd: 'SGD with momentum' },
  schedule: { constant: 'Constant', linear: 'Linear', cosine: 'Cosine' },
  selectionMetric: {
    auto: 'Automatic',
    'validation-loss': 'Validation loss',
    accuracy: 'Accuracy, picture → words',
    'balanced-accuracy': 'Balanced accuracy',
    'macro-f1': 'Macro F1',
    mae: 'Mean absolute error',
    r2: 'R²',
    spearman: 'Spearman’s ρ',
    'recall@1': 'Recall@1',
    'recall@5': 'Recall@5',
    'recall@10': 'Recall@10',
    'cider-d': 'CIDEr-D',
    'bleu-4': 'BLEU-4 (COCO)',
    'rouge-l': 'ROUGE-L',
    meteor: 'METEOR (NLTK, no synonyms)',
    'vqa-accuracy': 'VQA accuracy',
    'exact-match': 'Exact match',
  },
};

/** The description of a field, as the recipe has it. Every field of the schema has one. */
export function infoOf(key: RecipeKey, recipe?: Recipe): FieldInfo {
  const info = fieldInfo.get(schemaOf(key, recipe));
  if (info === undefined) throw new RangeError(`The recipe field "${key}" has no description.`);
  return info;
}

/** What people read for one choice of a field. */
export function optionLabel(key: RecipeKey, value: string): string {
  return optionLabels[key]?.[value] ?? value;
}

/**
 * The range of a field that is a share of something; null for others. Numbers from 0 to a round part of 1 are shares; bounds just below 1, as of
 * decay rates, mark numbers whose distance from 1 matters.
 */
export function shareRange(key: RecipeKey): { readonly min: number; readonly max: number } | null {
  const schema = schemaOf(key).unwrap();
  if (!(schema instanceof z.ZodNumber) || infoOf(key).scale !== undefined) return null;
  const { minValue: min, maxValue: max } = schema;
  return min === 0 && max !== null && max <= 1 && Number.isInteger(10 * max) ? { min, max } : null;
}

/** A share for people: `20 %`, `off`. */
export function showShare(share: number): string {
  return share === 0 ? 'off' : `${Number((100 * share).toFixed(1))} %`;
}

/** A field's value for people: `3e-4`, `20 %`, `on`, `AdamW`, `7 layers`. */
export function showValue(key: RecipeKey, recipe: Recipe): string {
  const value = fieldOf(recipe, key);
  const { unit, scale, zero, one } = infoOf(key, recipe);
  if (value === undefined) return '–';
  if (key === 'changes') return changesText(recipe.changes);
  if (Array.isArray(value)) return value.length === 1 ? '1 layer' : `${value.length} layers`;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return optionLabel(key, value);
  if (value === 0 && zero !== undefined) return zero;
  if (value === 1 && one !== undefined) return one;
  const share = shareRange(key) !== null;
  if (share && value === 0) return showShare(value);
  const text = share ? showShare(value) : showScalar(value, scale === 'log');
  return unit === undefined ? text : `${text} ${unit}`;
}

/** A number as one types it: `3e-4` rather than `0.0003`; on a logarithmic scale `3e-3` too. */
function showScalar(value: number, logarithmic: boolean): string {
  if (value !== 0 && Math.abs(value) < (logarithmic ? 1e-2 : 1e-3)) return value.toExponential();
  return String(value);
}

/**
 * Whether a field has any effect with the rest of the recipe as it is. Fields without effect are not shown, nor named as differences.
 */
export function isRelevant(key: RecipeKey, recipe: Recipe): boolean {
  if (!hasField(key, recipe)) return false;
  if (isPart(key)) return typesFor(key).length > 1;
  switch (key) {
    case 'lastBlocks':
      return fieldOf(recipe, 'freeze') === 'last-blocks';
    case 'trainableGroups':
      return fieldOf(recipe, 'freeze') === 'custom';
    case 'epochs':
    case 'steps':
      return recipe.durationUnit === key;
    case 'beta1':
    case 'beta2':
    case 'epsilon':
      return recipe.optimizer !== 'sgd';
    case 'momentum':
      return recipe.optimizer === 'sgd';
    case 'patience':
      return recipe.earlyStopping;
    case 'changes':
      return recipe.changes.length > 0;
    case 'cachedViews':
      return augments(recipe) && freezesLowerImageLayers(recipe);
    default:
      return isRelevantToHead(key, recipe);
  }
}

/** The same of the fields of tasks that put a head on the towers. */
function isRelevantToHead(key: RecipeKey, recipe: Recipe): boolean {
  const value = <Key extends RecipeKey>(name: Key) => fieldOf(recipe, name);
  const both = value('input') === 'both';
  const attention = both && value('fusion') === 'attention';
  const plain = !both && value('head') === 'linear';
  const one = value('labelKind') === 'one';
  const focal = value('classLoss') === 'focal';
  switch (key) {
    case 'captionChoice':
      return value('input') !== 'picture';
    case 'fusion':
    case 'modalityDropout':
      return both;
    case 'fusionBlocks':
    case 'fusionHeads':
      return attention;
    case 'headWidth':
      return attention || (both && value('fusion') === 'gate') || value('head') === 'mlp';
    case 'headDropout':
      return !plain || value('input') === 'words';
    case 'labelSeparator':
      return value('labelKind') === 'several';
    case 'labelOrder':
      return value('labelKind') === 'ordered';
    case 'headStart':
      return one && !both;
    case 'batchOrder':
      return one;
    case 'focus':
      return focal;
    case 'effectiveBeta':
      return value('classWeights') === 'effective';
    case 'labelSmoothing':
      return recipe.task.type !== 'classification' || (one && !focal);
    case 'huberDelta':
      return value('numberLoss') === 'huber';
    default:
      return true;
  }
}

/** What is trained, in a word or two. */
function scope({ task, method: { freeze, lastBlocks, trainableGroups } }: Recipe): string {
  switch (freeze) {
    case 'full':
      return 'full';
    case 'last-blocks':
      return `last ${lastBlocks}`;
    case 'projections':
      return 'head' in task ? 'head' : 'matching layers';
    case 'image-locked':
      return writesWords(task.type) ? 'words' : 'text tower';
    case 'text-locked':
      return 'image tower';
    case 'custom':
      return `${trainableGroups.length} layer${trainableGroups.length === 1 ? '' : 's'}`;
    default:
      return freeze satisfies never;
  }
}

/** What stands before a recipe of a task that is not the usual one. */
const taskWords: Readonly<Partial<Record<Recipe['task']['type'], string>>> = {
  classification: 'classes · ',
  regression: 'numbers · ',
  captioning: 'captions · ',
  answering: 'answers · ',
};

/** A recipe in one short line: `full · lr 3e-4 · 15 epochs`, `classes · head · …`, `… · 2 changes on the way`. */
export function summarize(recipe: Recipe): string {
  const task = taskWords[recipe.task.type];
  const [amount, unit] = recipe.durationUnit === 'epochs' ? [recipe.epochs, 'epoch'] : [recipe.steps, 'step'];
  const length = `${amount.toLocaleString('en')} ${unit}${amount === 1 ? '' : 's'}`;
  return `${task ?? ''}${scope(recipe)} · lr ${showValue('learningRate', recipe)} · ${length}${changesSummary(recipe.changes)}`;
}
