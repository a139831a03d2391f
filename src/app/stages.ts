import { count, percent, plural, short } from '../components/format';

/** The stages of the rail in the order in which one goes through them. */
export type StagePath = 'data' | 'model' | 'recipe' | 'train' | 'evaluate' | 'playground' | 'export';

/** What a stage is called wherever it is named. */
export const stageLabels: Record<StagePath, string> = {
  data: 'Data',
  model: 'Model',
  recipe: 'Recipe',
  train: 'Train',
  evaluate: 'Evaluate',
  playground: 'Playground',
  export: 'Export',
};

export type StageState = 'empty' | 'ready' | 'attention' | 'running';

/** A stage as the rail shows it. */
export interface StageView {
  readonly path: StagePath;
  readonly label: string;
  readonly state: StageState;
  /** A few words: what is there, or when it will be. */
  readonly detail: string;
  /** How far a running stage is, 0…1; null when unknown. */
  readonly fraction: number | null;
}

/** All that the rail's stages depend on. */
export interface StudioState {
  readonly loaded: boolean;
  readonly importing: { readonly done: number; readonly total: number | null } | null;
  readonly pictures: number;
  readonly withoutCaption: number;
  readonly model: { readonly name: string; readonly parameters: number } | null;
  readonly opening: { readonly done: number; readonly total: number | null } | null;
  readonly modelProblem: string | null;
  readonly recipe: string;
  /** Why training cannot start; null when it can. */
  readonly blocked: string | null;
  readonly warnings: number;
  readonly active: {
    readonly step: number;
    readonly totalSteps: number;
    readonly loss: number | null;
    readonly phase: string;
  } | null;
  /** Runs with weights. */
  readonly finished: number;
}

/** Every stage with its state, in order. */
export function stageViews(state: StudioState): readonly StageView[] {
  const needs = state.pictures === 0 ? 'needs pictures' : 'needs a model';
  const base = state.pictures > 0 && state.model !== null;
  const after = state.finished > 0 ? plural(state.finished, 'run') : null;
  return [
    dataStage(state),
    modelStage(state),
    stage('recipe', state.warnings > 0 ? 'attention' : 'ready', state.recipe),
    trainStage(state),
    stage('evaluate', base ? 'ready' : 'empty', base ? (after ?? 'base model ready') : needs),
    stage('playground', base ? 'ready' : 'empty', base ? (after ?? 'base model ready') : needs),
    stage('export', after === null ? 'empty' : 'ready', after ?? 'after training'),
  ];
}

function stage(path: StagePath, state: StageState, detail: string, fraction: number | null = null): StageView {
  return { path, label: stageLabels[path], state, detail, fraction };
}

function fractionOf({ done, total }: { readonly done: number; readonly total: number | null }): number | null {
  return total === null || total === 0 ? null : done / total;
}

function dataStage({ loaded, importing, pictures, withoutCaption }: StudioState): StageView {
  if (importing !== null) {
    const fraction = fractionOf(importing);
    return stage('data', 'running', fraction === null ? 'adding' : `adding, ${percent(fraction, 0)}`, fraction);
  }
  if (pictures === 0) return stage('data', 'empty', loaded ? 'no pictures yet' : '…');
  const words = plural(pictures, 'picture');
  return withoutCaption === 0
    ? stage('data', 'ready', words)
    : stage('data', 'attention', `${words} · ${count(withoutCaption)} to look at`);
}

function modelStage({ model, opening, modelProblem }: StudioState): StageView {
  if (opening !== null) {
    const fraction = fractionOf(opening);
    return stage('model', 'running', fraction === null ? 'opening' : `opening, ${percent(fraction, 0)}`, fraction);
  }
  if (model === null) {
    return modelProblem === null
      ? stage('model', 'empty', 'none yet')
      : stage('model', 'attention', 'could not be opened');
  }
  return stage('model', 'ready', `${model.name} · ${short(model.parameters)}`);
}

function trainStage({ active, blocked, pictures, model }: StudioState): StageView {
  if (active !== null) {
    const { step, totalSteps, loss, phase } = active;
    const fraction = totalSteps === 0 ? null : step / totalSteps;
    const detail =
      phase !== 'training' && phase !== 'evaluating'
        ? phase.replace('-', ' ')
        : `${fraction === null ? `step ${count(step)}` : percent(fraction, 0)}${loss === null ? '' : ` · loss ${loss.toFixed(2)}`}`;
    return stage('train', 'running', detail, fraction);
  }
  if (blocked === null) return stage('train', 'ready', 'ready to start');
  if (pictures === 0) return stage('train', 'empty', 'needs pictures');
  if (model === null) return stage('train', 'empty', 'needs a model');
  return stage('train', 'attention', 'cannot start yet');
}
