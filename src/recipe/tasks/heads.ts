import { z } from 'zod';
import { field } from '../field';

/** What tasks have in common that put a head on the towers: what it reads, and how it is made. */

export const headInputs = ['picture', 'words', 'both'] as const;
export const fusions = ['concat', 'gate', 'attention'] as const;
export const headKinds = ['linear', 'mlp'] as const;

export const headFields = {
  input: field(z.enum(headInputs), 'picture', {
    label: 'Learns from',
    group: 'task',
    help: 'What of a sample the head reads: its picture, its words (the captions), or both together. Where the words of a sample are missing, a learned vector stands for them.',
  }),
  captionChoice: field(z.enum(['first', 'drawn']), 'first', {
    label: 'Words of a sample',
    group: 'task',
    help: 'Where a sample has several captions: the first one, or in training one drawn at random in each epoch. The first is measured by.',
    advanced: true,
  }),
  fusion: field(z.enum(fusions), 'concat', {
    label: 'Brought together by',
    group: 'task',
    help: 'Side by side: the features of picture and words next to each other. Gate: a learned share of each for every feature. Attention: the tokens of the picture and those of the words look at each other; the most thorough and the slowest.',
  }),
  head: field(z.enum(headKinds), 'linear', {
    label: 'Head',
    group: 'task',
    help: 'Linear: a weighted sum of what is read. Hidden layer: one more layer before it, which can tell that something holds only where two things meet.',
  }),
  headWidth: field(z.int().min(8).max(4096), 256, {
    label: 'Width of the head',
    group: 'task',
    help: 'Features of the hidden layer, of the gate, and of the tokens in attention (rounded up to a multiple of its heads).',
    scale: 'binary',
    advanced: true,
  }),
  headDropout: field(z.number().min(0).max(0.9), 0.1, {
    label: 'Dropout of the head',
    group: 'regularization',
    help: 'Share of what the head computes that is dropped while training.',
    advanced: true,
  }),
  fusionBlocks: field(z.int().min(1).max(8), 2, {
    label: 'Attention blocks',
    group: 'task',
    help: 'How often the tokens of picture and words look at each other.',
    advanced: true,
  }),
  fusionHeads: field(z.int().min(1).max(16), 4, {
    label: 'Attention heads',
    group: 'task',
    help: 'Parts of the width that attend for themselves.',
    scale: 'binary',
    advanced: true,
  }),
  modalityDropout: field(z.number().min(0).max(0.9), 0, {
    label: 'Leave one out',
    group: 'regularization',
    help: 'Share of the training samples of which either the picture or the words are left out, so that the head does without one of them where it must.',
    advanced: true,
  }),
} as const;
