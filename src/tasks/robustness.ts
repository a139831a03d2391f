import { z } from 'zod';
import { metricsSchema, type Metrics } from './metrics';

/** What a model scores when pictures or words are a little spoiled, as they are where it will be used. */

export const strengths = ['light', 'medium', 'strong'] as const;
export type Strength = (typeof strengths)[number];

/** A way to spoil samples. */
export interface PerturbationDescription {
  readonly id: PerturbationId;
  readonly label: string;
  readonly of: 'pictures' | 'words';
  /** What is done, by strength. */
  readonly text: Readonly<Record<Strength, string>>;
}

const perturbationIds = ['blur', 'noise', 'jpeg', 'crop', 'typos'] as const;
export type PerturbationId = (typeof perturbationIds)[number];

/** By strength: standard deviation as a share of the side. */
export const blurDeviation: Readonly<Record<Strength, number>> = { light: 0.008, medium: 0.016, strong: 0.032 };
/** By strength: standard deviation as a share of the range from black to white. */
export const noiseDeviation: Readonly<Record<Strength, number>> = { light: 0.04, medium: 0.08, strong: 0.16 };
/** By strength: the quality of libjpeg. */
export const jpegQuality: Readonly<Record<Strength, number>> = { light: 50, medium: 25, strong: 10 };
/** By strength: the share of the sides that is kept. */
export const cropShare: Readonly<Record<Strength, number>> = { light: 0.9, medium: 0.75, strong: 0.6 };
/** By strength: the share of words with a mistake. */
export const typoShare: Readonly<Record<Strength, number>> = { light: 0.1, medium: 0.2, strong: 0.4 };

const byStrength = (text: (strength: Strength) => string): Readonly<Record<Strength, string>> => ({
  light: text('light'),
  medium: text('medium'),
  strong: text('strong'),
});

export const perturbations: readonly PerturbationDescription[] = [
  {
    id: 'blur',
    label: 'Blur',
    of: 'pictures',
    text: byStrength((strength) => `Gaussian, ${(100 * blurDeviation[strength]).toFixed(1)} % of the side`),
  },
  {
    id: 'noise',
    label: 'Noise',
    of: 'pictures',
    text: byStrength((strength) => `Gaussian, ${Math.round(100 * noiseDeviation[strength])} % of the range`),
  },
  { id: 'jpeg', label: 'JPEG', of: 'pictures', text: byStrength((strength) => `quality ${jpegQuality[strength]}`) },
  {
    id: 'crop',
    label: 'Crop',
    of: 'pictures',
    text: byStrength((strength) => `anywhere, ${Math.round(100 * cropShare[strength])} % of each side`),
  },
  {
    id: 'typos',
    label: 'Typos',
    of: 'words',
    text: byStrength((strength) => `in ${Math.round(100 * typoShare[strength])} % of the words that are read`),
  },
];

/** Metrics of samples that were spoiled in one way; null: as they are. */
export interface RobustnessRow {
  readonly id: PerturbationId | null;
  readonly base: Metrics;
  readonly tuned: Metrics | null;
}

/** What was measured under one strength. */
export interface Robustness {
  readonly strength: Strength;
  readonly rows: readonly RobustnessRow[];
}

/** As a run keeps it, of the weights of a step on its own test pictures. */
export const robustnessSchema = z.object({
  step: z.number(),
  strength: z.enum(strengths),
  rows: z.array(
    z.object({
      id: z.enum(perturbationIds).nullable(),
      base: metricsSchema,
      tuned: metricsSchema.nullable(),
    }),
  ),
});
