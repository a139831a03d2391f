import type { Recipe } from '../../recipe/schema';
import { lossMetric, type MetricDescription } from '../metrics';

/** Whether a recipe is of labels of these kinds. */
const kinds =
  (...wanted: readonly string[]) =>
  ({ task }: Pick<Recipe, 'task'>): boolean =>
    task.type === 'classification' && wanted.includes(task.labelKind);
const ofClasses = kinds('one', 'ordered');
const ofSeveral = kinds('several');
const ofSteps = kinds('ordered');

const share = { better: 'more', unit: 'share', digits: 1 } as const;

export const accuracy: MetricDescription = {
  ...share,
  of: ofClasses,
  name: 'accuracy',
  label: 'Accuracy',
  short: 'accuracy',
  tag: 'acc',
  meaning: 'how many pictures are taken for what they are; the base model is asked in words',
  chart: { id: 'accuracy', title: 'Accuracy', shown: true },
};

const loss: MetricDescription = {
  name: lossMetric,
  label: 'Loss',
  inFull: 'Validation loss',
  short: 'loss',
  better: 'less',
  unit: 'number',
  digits: 3,
  chart: { id: 'validation-loss', title: 'Validation loss', shown: true },
};

/** Where samples have several labels. */
export const microF1: MetricDescription = {
  ...share,
  of: ofSeveral,
  name: 'micro-f1',
  label: 'Micro F1',
  short: 'micro F1',
  meaning: 'of all labels that are said or should be, how many are both; only where samples have several',
  chart: { id: 'micro-f1', title: 'Micro F1', shown: true },
};

/** Where classes are steps of a scale. */
export const meanSteps: MetricDescription = {
  of: ofSteps,
  name: 'mean-steps',
  label: 'Steps off',
  short: 'steps off',
  better: 'less',
  unit: 'number',
  digits: 2,
  meaning: 'by how many steps of the scale samples are taken wrongly on average',
  chart: { id: 'mean-steps', title: 'Steps off', shown: true },
};

/** The metrics of classification, in the order of their charts. Some are of several labels, or of steps of a scale, alone. Beside them stand `pictures` and `classes`. */
export const metrics: readonly MetricDescription[] = [
  loss,
  accuracy,
  microF1,
  meanSteps,
  {
    ...share,
    of: ofSeveral,
    name: 'exact-match',
    label: 'Exact match',
    short: 'exact match',
    meaning: 'of how many samples exactly the right labels are said',
    chart: { id: 'exact-match', title: 'Exact match', shown: true },
  },
  {
    ...share,
    name: 'macro-f1',
    label: 'Macro F1',
    short: 'macro F1',
    meaning: 'the mean of all classes, each by how few are missed and how few taken for it wrongly',
    chart: { id: 'macro-f1', title: 'Macro F1', shown: true },
  },
  {
    ...share,
    of: ofClasses,
    name: 'balanced-accuracy',
    label: 'Balanced accuracy',
    short: 'balanced accuracy',
    meaning: 'the mean accuracy of all classes, however many pictures they have',
    chart: { id: 'balanced-accuracy', title: 'Balanced accuracy', shown: false },
  },
  { ...share, name: 'macro-precision', label: 'Macro precision', short: 'macro precision', chart: null },
  { ...share, name: 'macro-recall', label: 'Macro recall', short: 'macro recall', chart: null },
  {
    ...share,
    name: 'weighted-f1',
    label: 'Weighted F1',
    short: 'weighted F1',
    chart: { id: 'weighted-f1', title: 'Weighted F1', shown: false },
  },
  {
    ...share,
    name: 'auroc',
    costly: true,
    label: 'AUROC',
    short: 'AUROC',
    meaning:
      'how often a picture of a class, or with a label, looks more like it than another does; the mean of all classes',
    chart: { id: 'auroc', title: 'AUROC', shown: false },
  },
  {
    ...share,
    name: 'average-precision',
    costly: true,
    label: 'Average precision',
    short: 'average precision',
    meaning:
      'how few wrong pictures come before the right ones when all are sorted by a class or label; the mean of all',
    chart: { id: 'average-precision', title: 'Average precision', shown: false },
  },
  {
    ...share,
    better: 'less',
    name: 'calibration-error',
    label: 'Calibration error',
    short: 'calibration error',
    meaning: 'how far probabilities lie from how often they come true (expected calibration error, 15 bins)',
    chart: { id: 'calibration-error', title: 'Calibration error', shown: false },
  },
];
