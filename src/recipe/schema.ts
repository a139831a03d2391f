import { z } from 'zod';
import { mostChanges, recipeChangeSchema } from './changes';
import { field } from './field';
import { methodSchema } from './methods';
import { taskSchema } from './tasks';

/**
 * A recipe: all that defines a run besides the data, as plain data. The form, the share link, the stored run and the worker all use this one
 * schema. Names follow PyTorch, Transformers and OpenCLIP.
 */

export const optimizers = ['adamw', 'adam', 'sgd'] as const;
export const schedules = ['constant', 'linear', 'cosine'] as const;

/**
 * The schema of a recipe. Each field carries its label, help text and place in the form (`field`).
 *
 * What concerns one task or one method alone lies in that part. No field of a part is called like one outside of it, so that a field is known by
 * its name (`fields.ts`).
 */
export const recipeSchema = z.strictObject({
  model: field(
    z
      .string()
      .min(1)
      .max(200)
      .regex(/^[\w.-]+(\/[\w.-]+)?(@[\w-][\w.-]*(\/[\w-][\w.-]*)*)?$/),
    'seed-clip',
    {
      label: 'Model',
      group: 'model',
      help: 'The pretrained model that training starts from.',
    },
  ),
  task: field(taskSchema, taskSchema.parse({ type: 'contrastive' }), {
    label: 'Task',
    group: 'task',
    help: 'What the model is taught.',
  }),
  method: field(methodSchema, methodSchema.parse({ type: 'fine-tuning' }), {
    label: 'Method',
    group: 'layers',
    help: 'How its weights are changed.',
  }),
  durationUnit: field(z.enum(['epochs', 'steps']), 'epochs', {
    label: 'Count in',
    group: 'duration',
    help: 'Whether the run is as long as a number of epochs or of optimizer steps.',
  }),
  epochs: field(z.int().min(1).max(1000), 10, {
    label: 'Epochs',
    group: 'duration',
    help: 'How often training goes through all training pictures.',
    scale: 'log',
  }),
  steps: field(z.int().min(1).max(1_000_000), 300, {
    label: 'Steps',
    group: 'duration',
    help: 'How many batches training takes.',
    scale: 'log',
  }),
  batchSize: field(z.int().min(2).max(1024), 32, {
    label: 'Batch size',
    group: 'duration',
    help: 'Pairs compared with each other in one step. More pairs make a harder, better lesson and need more memory.',
    scale: 'binary',
  }),
  microBatchSize: field(z.int().min(0).max(1024), 0, {
    label: 'Micro-batch size',
    group: 'memory',
    help: 'Pairs computed at once. The batch is still compared as a whole, so the result is that of the whole batch; it takes about a third longer. 0: the whole batch at once.',
    advanced: true,
    scale: 'binary',
    unit: 'pairs',
    zero: 'whole batch',
  }),
  gradientCheckpointing: field(z.boolean(), false, {
    label: 'Gradient checkpointing',
    group: 'memory',
    help: 'Computes activations again on the way back instead of keeping them: far less memory for about a third more time. The result is the same.',
    advanced: true,
  }),
  mixedPrecision: field(z.boolean(), false, {
    label: 'Mixed precision',
    group: 'memory',
    help: 'Keeps activations in half precision where the GPU can: much less memory at nearly the same result. Arithmetic, weights and the optimizer stay float32.',
    advanced: true,
  }),
  changes: field(z.array(recipeChangeSchema).max(mostChanges), [], {
    label: 'Changes on the way',
    group: 'duration',
    help: 'What the run does by itself behind some steps, because it was done there in the run that this recipe was taken from.',
  }),
  optimizer: field(z.enum(optimizers), 'adamw', {
    label: 'Optimizer',
    group: 'optimizer',
    help: 'AdamW suits nearly every fine-tuning.',
  }),
  learningRate: field(z.number().min(1e-8).max(1), 3e-4, {
    label: 'Learning rate',
    group: 'optimizer',
    help: 'The size of a step. Too high forgets what the model knew, too low learns nothing.',
    scale: 'log',
  }),
  schedule: field(z.enum(schedules), 'cosine', {
    label: 'Schedule',
    group: 'optimizer',
    help: 'How the learning rate falls after warm-up.',
  }),
  warmupRatio: field(z.number().min(0).max(0.9), 0.06, {
    label: 'Warm-up',
    group: 'optimizer',
    help: 'Share of the run over which the learning rate rises from zero.',
    unit: 'of the run',
  }),
  weightDecay: field(z.number().min(0).max(1), 0.05, {
    label: 'Weight decay',
    group: 'optimizer',
    help: 'Pulls weights towards zero. Norms and biases are spared.',
    scale: 'log',
  }),
  beta1: field(z.number().min(0).max(0.9999), 0.9, {
    label: 'Beta 1',
    group: 'optimizer',
    help: 'Adam: memory of the gradient average.',
    advanced: true,
  }),
  beta2: field(z.number().min(0).max(0.99999), 0.98, {
    label: 'Beta 2',
    group: 'optimizer',
    help: 'Adam: memory of the squared gradient average.',
    advanced: true,
  }),
  epsilon: field(z.number().min(1e-12).max(1e-2), 1e-6, {
    label: 'Epsilon',
    group: 'optimizer',
    help: 'Adam: keeps the division stable.',
    advanced: true,
    scale: 'log',
  }),
  momentum: field(z.number().min(0).max(0.9999), 0.9, {
    label: 'Momentum',
    group: 'optimizer',
    help: 'SGD: memory of earlier steps.',
    advanced: true,
  }),
  maxGradNorm: field(z.number().min(0).max(1000), 1, {
    label: 'Gradient clipping',
    group: 'optimizer',
    help: 'Longest gradient allowed, as a global L2 norm. 0 switches clipping off.',
    advanced: true,
    zero: 'off',
  }),
  attentionDropout: field(z.number().min(0).max(0.9), 0, {
    label: 'Attention dropout',
    group: 'regularization',
    help: 'Share of attention weights dropped while training.',
    advanced: true,
  }),
  augmentCrop: field(z.number().min(0).max(0.9), 0.2, {
    label: 'Random crop',
    group: 'augmentation',
    help: 'Largest share of the picture that a random resized crop may cut away. 0 switches it off.',
  }),
  augmentFlip: field(z.boolean(), false, {
    label: 'Mirror',
    group: 'augmentation',
    help: 'Mirrors half of the pictures. Leave it off when left and right matter.',
  }),
  augmentColor: field(z.number().min(0).max(1), 0, {
    label: 'Colour changes',
    group: 'augmentation',
    help: 'Strength of random brightness, contrast and saturation.',
  }),
  cachedViews: field(z.int().min(0).max(100), 0, {
    label: 'Cached views',
    group: 'augmentation',
    help: 'Random views of each picture that take turns from epoch to epoch. What the frozen layers make of them is computed once and kept, which saves much time. 0: fresh views every epoch.',
    advanced: true,
    unit: 'per picture',
    zero: 'always fresh',
  }),
  evaluateEvery: field(z.int().min(0).max(100_000), 0, {
    label: 'Evaluate every',
    group: 'evaluation',
    help: 'Steps between evaluations on the validation pictures. 0: twenty times a run.',
    scale: 'log',
    unit: 'steps',
    zero: 'automatic',
  }),
  earlyStopping: field(z.boolean(), false, {
    label: 'Stop early',
    group: 'evaluation',
    help: 'Ends the run when the metric has not improved for a while.',
  }),
  patience: field(z.int().min(1).max(1000), 5, {
    label: 'Patience',
    group: 'evaluation',
    help: 'Evaluations without improvement before an early stop.',
  }),
  restoreBest: field(z.boolean(), true, {
    label: 'Keep the best weights',
    group: 'evaluation',
    help: 'At the end, go back to the weights of the best evaluation.',
  }),
  seed: field(z.int().min(0).max(0xffff_ffff), 42, {
    label: 'Seed',
    group: 'evaluation',
    help: 'Start of all randomness: order of pictures, augmentation, dropout.',
    advanced: true,
  }),
});

export type Recipe = z.infer<typeof recipeSchema>;
export type Task = Recipe['task'];
export type Method = Recipe['method'];
