import { z } from 'zod';
import { field } from '../field';
import { headFields } from './heads';

export const classificationSelection = [
  'auto',
  'validation-loss',
  'accuracy',
  'balanced-accuracy',
  'macro-f1',
] as const;

/** Longest text of sentences around the name of a class. */
const maxTemplate = 400;

/**
 * Telling classes apart: each sample has one of several, or some of several, or one on a scale. A linear head on the image tower alone is what
 * Transformers' image classifiers are.
 */
export const classificationTask = z.strictObject({
  type: z.literal('classification'),
  ...headFields,
  labelKind: field(z.enum(['one', 'several', 'ordered']), 'one', {
    label: 'Labels',
    group: 'task',
    help: 'One: each sample is of one class. Several: each sample has some of the labels, and each label is judged by itself. Ordered: each sample has one step of a scale, such as small, middle, large, and being far off is worse than being near.',
  }),
  labelSeparator: field(z.string().max(4), '', {
    label: 'Separator',
    group: 'task',
    help: 'What stands between labels where a text holds several, such as | or ;. Empty: each text is one label.',
  }),
  labelOrder: field(z.string().max(200), '', {
    label: 'Order of labels',
    group: 'task',
    help: 'Labels from the lowest to the highest, separated by commas: low, middle, high. Empty: natural order, in which numbers go by their value.',
  }),
  headStart: field(z.enum(['words', 'zeros']), 'words', {
    label: 'Head starts from',
    group: 'task',
    help: 'Words: the head begins with what the model makes of the names of the classes, fitted to the training pictures. Zeros: all that it knows it learns from the labels.',
  }),
  promptTemplate: field(z.string().max(maxTemplate), 'a photo of a {}', {
    label: 'In words',
    group: 'task',
    help: 'The sentence by which the base model is told what a class is; {} stands for its name. Several, one a line, are averaged. The base model is measured by it, and the head starts from it where it starts from words.',
    lines: true,
  }),
  classLoss: field(z.enum(['cross-entropy', 'focal']), 'cross-entropy', {
    label: 'Loss',
    group: 'regularization',
    help: 'Cross-entropy, of each label by itself where there are several; or focal, which spares what is right already and so turns to the hard and the rare.',
    advanced: true,
  }),
  focus: field(z.number().min(0.1).max(10), 2, {
    label: 'Focus',
    group: 'regularization',
    help: 'How much the focal loss spares what is right: its gamma.',
    advanced: true,
  }),
  classWeights: field(z.enum(['none', 'balanced', 'effective']), 'none', {
    label: 'Weight of classes',
    group: 'task',
    help: 'Whether a sample of a rare class counts for more. Equal: all classes weigh the same. By effective number: in between, since many samples of a class say less that is new (Cui et al. 2019).',
  }),
  effectiveBeta: field(z.number().min(0.9).max(0.99999), 0.999, {
    label: 'Beta of effective numbers',
    group: 'task',
    help: 'The nearer to 1, the more a rare class counts.',
    advanced: true,
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
