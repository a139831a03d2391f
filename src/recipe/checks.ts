import { isRelevant } from './describe';
import type { PresetId } from './presets';
import { remedySentence, type Remedy } from './remedies';
import type { Recipe } from './schema';
import { trainableGroups, type GroupLike } from './trainable';

/** What a run would start from, as far as its readiness depends on it. Null: not there yet. */
export interface Situation {
  readonly dataset: {
    /** Pictures with a caption, by split. */
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly withoutCaption: number;
  } | null;
  readonly model: {
    readonly id: string;
    readonly parameters: number;
    readonly groups: readonly (GroupLike & { readonly parameters: number })[];
  } | null;
  /** Why the model could not be opened. */
  readonly modelProblem: string | null;
  /** Why the run cannot fit, and what would help; null where nothing is known to keep it from fitting. */
  readonly shortage: { readonly message: string; readonly remedies: readonly Remedy[] } | null;
  readonly machine: { readonly accelerated: boolean } | null;
  /** What keeps the worker busy. */
  readonly busy: 'training' | 'importing' | null;
}

/** A mend that one click applies: some fields, or a whole preset. `label` is the verb on the button. */
export type Fix =
  { readonly label: string; readonly change: Partial<Recipe> } | { readonly label: string; readonly preset: PresetId };

/** One thing that stands in the way of a run (`blocker`) or that one should know before it (`warning`). */
export interface Finding {
  readonly id: string;
  readonly severity: 'blocker' | 'warning';
  /** The page where it is mended. */
  readonly where: 'data' | 'model' | 'recipe' | 'train';
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

/** Everything worth saying before a run with this recipe: blockers first. */
export function checkReadiness(recipe: Recipe, situation: Situation): readonly Finding[] {
  const findings = [
    ...checkBusy(situation),
    ...checkData(recipe, situation.dataset),
    ...checkModel(recipe, situation),
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
  const { train, validation } = dataset;
  if (train < minPairs) {
    const message =
      train + validation + dataset.test >= minPairs
        ? `Only ${train} of the captioned pictures ${train === 1 ? 'is' : 'are'} for training. Change the split.`
        : dataset.withoutCaption > 0
          ? 'Fewer than two pictures have a caption. Write captions first.'
          : 'Training compares pictures with each other and needs at least two. Add more.';
    return [{ id: 'too-few', severity: 'blocker', where: 'data', message }];
  }
  const findings: Finding[] = [];
  if (recipe.batchSize > train) {
    findings.push({
      id: 'batch-over-data',
      severity: 'warning',
      where: 'recipe',
      message: `A batch of ${recipe.batchSize} is larger than the training set: every batch will hold all ${train} pictures.`,
      fixes: [{ label: `Use batches of ${sensibleBatch(train)}`, change: { batchSize: sensibleBatch(train) } }],
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

/** A fourth of the data, as a power of two from 2 to 64: four batches an epoch at least. */
function sensibleBatch(pictures: number): number {
  const power = Math.floor(Math.log2(Math.max(2, pictures / 4)));
  return Math.min(64, 2 ** Math.max(1, power));
}

function checkModel(recipe: Recipe, { model, modelProblem }: Situation): readonly Finding[] {
  if (model === null) {
    const message = modelProblem ?? 'The model is not open yet.';
    return [{ id: 'no-model', severity: 'blocker', where: 'model', message }];
  }
  const trained = trainableGroups(recipe, model.groups);
  if (trained.size === 0) {
    return [
      {
        id: 'nothing-trained',
        severity: 'blocker',
        where: 'recipe',
        message: 'Every layer is frozen, so there is nothing to train. Switch some on.',
        fixes: [{ label: 'Train the projections', change: { freeze: 'projections' } }],
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
  if (recipe.freeze === 'projections') return [];
  return [
    {
      id: 'slow-machine',
      severity: 'warning',
      where: 'recipe',
      message: 'There is no GPU here, so whole towers train slowly. The quick preset trains the projections only.',
      fixes: [{ label: 'Use the quick preset', preset: 'quick' }],
    },
  ];
}
