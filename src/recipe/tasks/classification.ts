import { z } from 'zod';
import { field } from '../field';

export const classificationSelection = [
  'auto',
  'validation-loss',
  'accuracy',
  'balanced-accuracy',
  'macro-f1',
] as const;

/** Longest sentence around the name of a class. */
const maxTemplate = 120;

/** Telling the classes of pictures apart, each of which has one: a linear head on the image tower. */
export const classificationTask = z.strictObject({
  type: z.literal('classification'),
  headStart: field(z.enum(['words', 'zeros']), 'words', {
    label: 'Head starts from',
    group: 'task',
    help: 'Words: the head begins with what the model makes of the names of the classes, fitted to the training pictures. Zeros: all that it knows it learns from the labels.',
  }),
  promptTemplate: field(z.string().max(maxTemplate), 'a photo of a {}', {
    label: 'In words',
    group: 'task',
    help: 'The sentence by which the base model is told what a class is; {} stands for its name. The base model is measured by it, and the head starts from it where it starts from words.',
  }),
  classWeights: field(z.enum(['none', 'balanced']), 'none', {
    label: 'Weight of classes',
    group: 'task',
    help: 'Whether a picture of a rare class counts for more, so that all classes weigh the same.',
  }),
  batchOrder: field(z.enum(['shuffled', 'stratified']), 'shuffled', {
    label: 'Batches',
    group: 'task',
    help: 'Drawn from all pictures, or so that every batch holds the classes in the shares that they have in all.',
    advanced: true,
  }),
  labelSmoothing: field(z.number().min(0).max(0.5), 0, {
    label: 'Label smoothing',
    group: 'regularization',
    help: 'Share of the target spread over all classes.',
    advanced: true,
  }),
  selectionMetric: field(z.enum(classificationSelection), 'auto', {
    label: 'Best by',
    group: 'evaluation',
    help: 'What decides on the validation pictures which weights are best. Automatic: the accuracy. Balanced accuracy and macro F1 count all classes alike, however many pictures they have.',
  }),
});
