import { isRelevant, optionLabel } from './describe';
import { freezesLowerImageLayers } from './augmentation';
import { applyPreset, type PresetId } from './presets';
import { remedySentence, type Remedy } from './remedies';
import type { RecipeChange } from './fields';
import type { Recipe } from './schema';
import { writesWords } from './tasks/words';
import { trainableGroups, type GroupPlace } from './trainable';

/** What a run would start from, as far as its readiness depends on it. Null: not there yet. */
export interface Situation {
  readonly dataset: {
    /** Pictures with a caption, by split. */
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly withoutCaption: number;
    /** What the recipe teaches from; captions unless given. */
    readonly by?: 'captions' | 'labels' | 'numbers' | 'questions';
    /** Classes of the labels; null where the recipe teaches from something else. */
    readonly classes?: number | null;
    /** All captions of the training pictures say the same. */
    readonly captionsAlike?: boolean;
    /** Ships with the studio. */
    readonly sample: boolean;
    /** Most pictures are stored the way photographs are. */
    readonly photographs: boolean;
  } | null;
  readonly model: {
    readonly id: string;
    readonly parameters: number;
    readonly groups: readonly (GroupPlace & { readonly parameters: number })[];
    readonly name: string;
    /** What it can be trained for. */
    readonly tasks: readonly string[];
    /** Was trained on drawings alone, as the embedded model was. */
    readonly drawingsOnly: boolean;
  } | null;
  /** What the model knows of the pictures before training; null while nobody has measured it. */
  readonly knowledge: 'little' | 'some' | 'much' | null;
  /** Why the model could not be opened. */
  readonly modelProblem: string | null;
  /** Why the run cannot fit, and what would help; null where nothing is known to keep it from fitting. */
  readonly shortage: { readonly message: string; readonly remedies: readonly Remedy[] } | null;
  readonly machine: { readonly accelerated: boolean } | null;
  /** What the task needs a model to be able to do, and the model that ships with the studio and can. */
  readonly needs: string;
  readonly embedded: { readonly id: string; readonly name: string } | null;
  /** What keeps the worker busy. */
  readonly busy: 'training' | 'importing' | null;
}

/** A remedy that one click applies: some fields, or a whole preset. `label` is the verb on the button. */
export type Fix =
  { readonly label: string; readonly change: RecipeChange } | { readonly label: string; readonly preset: PresetId };

/** One thing that stands in the way of a run (`blocker`) or that one should know before it (`warning`). */
export interface Finding {
  readonly id: string;
  readonly severity: 'blocker' | 'warning';
  /** The page where it is corrected. */
  readonly where: 'data' | 'model' | 'recipe' | 'train' | 'evaluate';
  /** A sentence: what is wrong, what to do. */
  readonly message: string;
  /** The mildest first. */
  readonly fixes?: readonly Fix[];
}

/** A contrastive loss compares pairs: with one there is nothing to learn. */
const minPairs = 2;
/** Above this size a full fine-tuning wants a small step, or the model forgets (FLIP and OpenCLIP fine-tune at 1e-5). */
const largeModel = 40e6;
const gentleRate = 1e-5;
/**
 * Above this rate whole towers of a small model are replaced rather than tuned: on its emoji the embedded model went from 68 to 42 % with 7e-4,
 * and upwards with 1e-4.
 */
const forgetfulRate = 3e-4;

/** Everything worth saying before a run with this recipe: blockers first. */
export function checkReadiness(recipe: Recipe, situation: Situation): readonly Finding[] {
  const findings = [
    ...checkBusy(situation),
    ...checkData(recipe, situation.dataset),
    ...checkModel(recipe, situation),
    ...checkKnowledge(recipe, situation),
    ...checkViews(recipe),
    ...checkMemory(situation),
    ...checkMachine(recipe, situation),
  ];
  return [...findings.filter(isBlocker), ...findings.filter((finding) => !isBlocker(finding))];
}

/** Why Train is disabled, in one sentence; null when it is not. */
export function blockingReason(findings: readonly Finding[]): string | null {
  return findings.find(isBlocker)?.message ?? null;
}

function isBlocker({ severity }: Finding): boolean {
  return severity === 'blocker';
}

function checkBusy({ busy }: Situation): readonly Finding[] {
  if (busy === null) return [];
  const message =
    busy === 'training'
      ? 'A run is in progress. Wait for it to end, or stop it.'
      : 'Pictures are being added. Training can start when they are all there.';
  return [{ id: 'busy', severity: 'blocker', where: busy === 'training' ? 'train' : 'data', message }];
}

function checkData(recipe: Recipe, dataset: Situation['dataset']): readonly Finding[] {
  if (dataset === null) {
    return [
      { id: 'no-data', severity: 'blocker', where: 'data', message: 'There are no pictures yet. Add some first.' },
    ];
  }
  const { train, validation, by = 'captions', classes = null } = dataset;
  if (classes !== null && classes < 2) {
    const message =
      classes === 0
        ? 'No picture has a label. Add pictures in folders of their classes, or make a column the one of labels on the Data page.'
        : 'All labelled pictures are of one class, so there is nothing to tell apart. Add pictures of others.';
    return [{ id: 'too-few-classes', severity: 'blocker', where: 'data', message }];
  }
  if (train < minPairs) {
    const all = train + validation + dataset.test;
    const message =
      all >= minPairs
        ? `Only ${train} of the pictures ${having[by]} ${train === 1 ? 'is' : 'are'} for training. Change the split.`
        : dataset.withoutCaption > 0
          ? lacking[by]
          : 'Training compares pictures with each other and needs at least two. Add more.';
    return [{ id: 'too-few', severity: 'blocker', where: 'data', message }];
  }
  if (dataset.captionsAlike === true && recipe.task.type === 'contrastive') {
    const message =
      'All training pictures have the same caption, so there is nothing to tell apart. Write captions that differ, or change the split.';
    return [{ id: 'captions-alike', severity: 'blocker', where: 'data', message }];
  }
  const findings: Finding[] = [];
  if (recipe.batchSize > train) {
    findings.push({
      id: 'batch-over-data',
      severity: 'warning',
      where: 'recipe',
      message: `A batch of ${recipe.batchSize} is larger than the training set: every batch will hold all ${train} pictures.`,
      fixes: [{ label: `Set batch size to ${sensibleBatch(train)}`, change: { batchSize: sensibleBatch(train) } }],
    });
  }
  if (validation === 0) {
    findings.push({
      id: 'no-validation',
      severity: recipe.earlyStopping ? 'blocker' : 'warning',
      where: 'data',
      message: recipe.earlyStopping
        ? 'Stopping early needs validation pictures and there are none. Change the split, or switch early stopping off.'
        : 'There are no validation pictures, so progress cannot be measured and the last weights are kept. Change the split.',
      ...(recipe.earlyStopping ? { fixes: [{ label: 'Do not stop early', change: { earlyStopping: false } }] } : {}),
    });
  }
  return findings;
}

const having = {
  captions: 'with a caption',
  labels: 'with a label',
  numbers: 'with a number',
  questions: 'with an answered question',
} as const;

const lacking = {
  captions: 'Fewer than two pictures have a caption. Write captions first.',
  labels:
    'Fewer than two pictures have a label. Make a column the one of labels on the Data page, or add more pictures.',
  numbers:
    'Fewer than two pictures have a number. Add a table with a column of numbers, or make a column one of numbers on the Data page.',
  questions:
    'Fewer than two pictures have a question with an answer. Add a table with columns of questions and answers; which these are is chosen on the Data page.',
} as const;

/** A fourth of the data, as a power of two from 2 to 64: four batches an epoch at least. */
function sensibleBatch(pictures: number): number {
  const power = Math.floor(Math.log2(Math.max(2, pictures / 4)));
  return Math.min(64, 2 ** Math.max(1, power));
}

function checkModel(recipe: Recipe, { model, modelProblem, needs, embedded }: Situation): readonly Finding[] {
  if (model === null) {
    const message = modelProblem ?? 'The model is not open yet.';
    return [{ id: 'no-model', severity: 'blocker', where: 'model', message }];
  }
  if (!model.tasks.includes(needs)) return [unableModel(recipe, model, embedded)];
  const trained = trainableGroups(recipe.method, model.groups);
  // A head of its own is trained all the same.
  if (trained.size === 0 && !('head' in recipe.task)) {
    const words = writesWords(recipe.task.type);
    return [
      {
        id: 'nothing-trained',
        severity: 'blocker',
        where: 'recipe',
        message: 'Every layer is frozen, so there is nothing to train. Switch some on.',
        fixes: [
          words
            ? { label: 'Train all but the image tower', change: { freeze: 'image-locked' } }
            : { label: 'Train the matching layers', change: { freeze: 'projections' } },
        ],
      },
    ];
  }
  const parameters = model.groups.reduce((sum, group) => sum + (trained.has(group.id) ? group.parameters : 0), 0);
  if (parameters > largeModel && recipe.learningRate > 3 * gentleRate && recipe.optimizer !== 'sgd') {
    return [
      {
        id: 'rate-over-size',
        severity: 'warning',
        where: 'recipe',
        message: `A learning rate of ${recipe.learningRate} is high for ${Math.round(parameters / 1e6)} million trained parameters: the model may forget what it knew.`,
        fixes: [{ label: 'Use 1e-5', change: { learningRate: gentleRate } }],
      },
    ];
  }
  return [];
}

/** Said of a model that cannot be taught a task. */
function unableModel(
  recipe: Recipe,
  { name, tasks }: NonNullable<Situation['model']>,
  embedded: Situation['embedded'],
): Finding {
  const writes = tasks.includes('captioning') || tasks.includes('answering');
  const does = writes ? 'writes words about pictures' : 'compares pictures with words and writes none';
  const task = optionLabel('task', recipe.task.type);
  return {
    id: 'unable-model',
    severity: 'blocker',
    where: 'model',
    message: `${name} ${does}: the task “${task}” needs another model.`,
    fixes: embedded === null ? [] : [{ label: `Use ${embedded.name}`, change: { model: embedded.id } }],
  };
}

/** What is to be said where the model knows little of the pictures, or so much that the recipe could spoil it. */
function checkKnowledge(recipe: Recipe, { dataset, model, knowledge }: Situation): readonly Finding[] {
  if (dataset === null || model === null) return [];
  const unknowing = checkUnknowing(dataset, model, knowledge);
  if (unknowing !== null) return [unknowing];
  if (!forgets(recipe, model) || knowledge === 'some') return [];
  if (knowledge === 'much') {
    return [
      {
        id: 'forgets',
        severity: 'warning',
        where: 'recipe',
        message: `The model already does well on these pictures. A learning rate of ${recipe.learningRate} for most of its layers is for pictures unlike all that it knows; here it would forget more than it learns.`,
        fixes: [{ label: 'Use “Everything”', preset: 'full' }],
      },
    ];
  }
  return [
    {
      id: 'not-measured',
      severity: 'warning',
      where: 'evaluate',
      message: `Nobody has measured yet what the model knows of these pictures. If it does well on them, a learning rate of ${recipe.learningRate} for most of its layers makes it worse. Evaluate the base model first.`,
    },
  ];
}

function checkUnknowing(
  dataset: NonNullable<Situation['dataset']>,
  model: NonNullable<Situation['model']>,
  knowledge: Situation['knowledge'],
): Finding | null {
  if (
    model.drawingsOnly &&
    !dataset.sample &&
    (knowledge === 'little' || (knowledge === null && dataset.photographs))
  ) {
    const found =
      knowledge === 'little'
        ? 'On these pictures it does little better than guessing.'
        : 'Most of these pictures are JPEGs, as photographs are.';
    return {
      id: 'drawings-only',
      severity: 'warning',
      where: 'model',
      message: `The model that ships with the studio knows drawings, not photographs. ${found} For photographs start from a model that has seen some, such as CLIP ViT-B/32.`,
    };
  }
  // The shapes are made to be learnt from nothing.
  if (knowledge !== 'little' || dataset.sample) return null;
  return {
    id: 'near-chance',
    severity: 'warning',
    where: 'model',
    message:
      'The model does little better than guessing on these pictures, so that all has to be learnt from them. A model that knows such pictures would go further.',
  };
}

/** Whether a recipe changes most of a model in large steps. */
export function forgets(recipe: Recipe, { groups }: Pick<NonNullable<Situation['model']>, 'groups'>): boolean {
  if (recipe.optimizer === 'sgd' || recipe.learningRate <= forgetfulRate) return false;
  const trained = trainableGroups(recipe.method, groups);
  const all = groups.reduce((sum, { parameters }) => sum + parameters, 0);
  const changed = groups.reduce((sum, { id, parameters }) => sum + (trained.has(id) ? parameters : 0), 0);
  return 2 * changed > all;
}

function checkViews(recipe: Recipe): readonly Finding[] {
  const { cachedViews, durationUnit, epochs } = recipe;
  if (cachedViews === 0 || !isRelevant('cachedViews', recipe)) return [];
  if (durationUnit !== 'epochs' || cachedViews < epochs) return [];
  return [
    {
      id: 'views-over-epochs',
      severity: 'warning',
      where: 'recipe',
      message: `With ${cachedViews} cached views and ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} no view comes twice, so that keeping them saves no time.`,
      fixes: [{ label: 'Use fresh views', change: { cachedViews: 0 } }],
    },
  ];
}

function checkMemory({ shortage }: Situation): readonly Finding[] {
  if (shortage === null) return [];
  const { message, remedies } = shortage;
  return [
    {
      id: 'memory',
      severity: 'blocker',
      where: 'recipe',
      message: `${message} ${remedySentence(remedies)}`,
      fixes: remedies.map(({ advice, change }) => ({
        label: advice.charAt(0).toUpperCase() + advice.slice(1),
        change,
      })),
    },
  ];
}

function checkMachine(recipe: Recipe, { machine, model }: Situation): readonly Finding[] {
  if (machine === null || machine.accelerated || model === null) return [];
  const words = writesWords(recipe.task.type);
  const { freeze } = recipe.method;
  if (words ? freezesLowerImageLayers(recipe) : freeze === 'projections') return [];
  if (words) {
    const quick = applyPreset('quick', recipe);
    const short = recipe.durationUnit === 'steps' && recipe.steps * recipe.batchSize <= quick.steps * quick.batchSize;
    if (short && !freezesLowerImageLayers(quick)) return [];
    return [
      {
        id: 'slow-machine',
        severity: 'warning',
        where: 'recipe',
        message: `There is no GPU here, so an image tower trains slowly. The quick preset ${freezesLowerImageLayers(quick) ? 'leaves it as it is' : 'takes a few minutes'}.`,
        fixes: [{ label: 'Use the quick preset', preset: 'quick' }],
      },
    ];
  }
  return [
    {
      id: 'slow-machine',
      severity: 'warning',
      where: 'recipe',
      message: `There is no GPU here, so ${freeze === 'last-blocks' ? 'the last blocks train slowly, and the towers below them are computed once' : 'whole towers train slowly'}. The quick preset trains the ${recipe.task.type === 'contrastive' ? 'matching layers' : 'head'} only.`,
      fixes: [{ label: 'Use the quick preset', preset: 'quick' }],
    },
  ];
}
