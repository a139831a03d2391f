/** Which weights: the base model alone, or a finished or running run on top of it. */
export type WeightsRef =
  | {
      readonly kind: 'base';
      readonly model: string;
      /** Hub that it comes from; where it is not said, the one that was named last. */
      readonly hub?: string | null;
    }
  | { readonly kind: 'run'; readonly runId: string };
