/** The stages of the rail in the order in which one goes through them. */
export const stagePaths = ['data', 'model', 'recipe', 'train', 'evaluate', 'playground', 'export'] as const;
export type StagePath = (typeof stagePaths)[number];

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

/** A run as the rail lists it. */
export interface RunView {
  readonly id: string;
  readonly name: string;
  /** `now`, `R@1 42`, `failed`. */
  readonly note: string;
}
