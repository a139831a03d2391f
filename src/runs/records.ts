import { recordedRecipe, versionedRecipe } from '../recipe/migrate';
import { isFields, type Fields, type Migration } from '../recipe/versions';
import { readRecord, stamped, type ReadRecord, type RecordKind } from '../storage/records';
import type { StepMetrics } from '../protocol/training';
import { taskOf } from '../tasks';
import { runEventSchema } from '../protocol/run-events';
import { metricsByName, rowByName } from './by-name';
import { evaluationSchema, runSchema, stepMetricsSchema, type Run, type StoredRun } from './types';
import type { z } from 'zod';

/** How stored records of runs are read, whichever version wrote them. */

/** Version 2 says which weights the run started from, and how its recipe played out. */
const noted: Migration = (fields) => ({ base: null, plan: null, ...fields });

const unknownData = { id: '', name: 'unknown data', images: 0, train: 0, validation: 0, test: 0, fingerprint: '' };
const unknownPlace = { backend: 'unknown', adapter: null, userAgent: 'unknown', version: 'unknown' };

const runKind: RecordKind<typeof runSchema.shape> = {
  schema: runSchema,
  migrations: [noted, metricsByName],
  fallbacks: {
    dataset: unknownData,
    environment: unknownPlace,
    base: null,
    plan: null,
    endedAt: null,
    state: 'interrupted',
    message: '',
    totalSteps: 0,
    stepsDone: 0,
    seconds: 0,
    baseline: null,
    events: [],
    evaluations: [],
    bestStep: null,
    predictions: null,
    labels: null,
    scales: null,
    kernels: null,
    test: null,
  },
  repair(fields) {
    const notes: string[] = [];
    const { recipe, problems } = recordedRecipe(fields['recipe']);
    if (isFields(fields['recipe'])) notes.push(...problems);
    const evaluations = readable(evaluationSchema, fields['evaluations']);
    const events = readable(runEventSchema, fields['events']);
    const predictions = readablePart(taskOf(recipe).predictions, fields['predictions']);
    if (evaluations !== null && evaluations.lost > 0) notes.push('Some of its evaluations could not be read.');
    const repaired: Fields = {
      ...fields,
      // A record without any recipe is none of a run.
      recipe: isFields(fields['recipe']) ? recipe : fields['recipe'],
      dataset: fieldByField(runSchema.shape.dataset.shape, fields['dataset'], unknownData),
      environment: fieldByField(runSchema.shape.environment.shape, fields['environment'], unknownPlace),
      ...(evaluations === null ? {} : { evaluations: evaluations.items }),
      ...(events === null ? {} : { events: events.items }),
      predictions,
    };
    const { weightsStep, tensors } = runSchema.shape;
    if (weightsStep.safeParse(fields['weightsStep']).success && tensors.safeParse(fields['tensors']).success) {
      return { fields: repaired, notes };
    }
    // One without the other would be taken for weights that they are not.
    notes.push('Which weights it kept could not be read.');
    return { fields: { ...repaired, weightsStep: null, tensors: [] }, notes };
  },
};

/** Reads a stored run of any version. */
export function readRunRecord(stored: unknown): ReadRecord<StoredRun> {
  const read = readRecord(runKind, stored);
  return read.sound ? { ...read, value: { ...read.value, notes: read.notes } } : read;
}

/** A run as it is to be stored. */
export function runRecord(run: Run): unknown {
  return stamped(runKind, { ...runSchema.parse(run), recipe: versionedRecipe(run.recipe) });
}

/**
 * Reads a stored chunk of metric rows: a bare list without a version, so that a row of before is told by its fields. Rows that do not fit are left
 * out and counted.
 */
export function readRows(stored: unknown): { readonly rows: readonly StepMetrics[]; readonly lost: number } {
  const read = readable(stepMetricsSchema, Array.isArray(stored) ? stored.map(rowByName) : stored);
  return read === null ? { rows: [], lost: 1 } : { rows: read.items, lost: read.lost };
}

/** The items of a list that fit, and how many do not; null where it is no list. */
function readable<T>(schema: z.ZodType<T>, list: unknown): { readonly items: T[]; readonly lost: number } | null {
  if (!Array.isArray(list)) return null;
  const items = list.flatMap((item: unknown) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
  return { items, lost: list.length - items.length };
}

/** What fits whole, else of a list the items that fit by themselves, else null. */
function readablePart(schema: z.ZodType, found: unknown): unknown {
  if (schema.safeParse(found).success) return found;
  if (!Array.isArray(found)) return null;
  return found.filter((item: unknown) => schema.safeParse([item]).success);
}

/** Fields that fit as they are, the others from `fallback`. */
function fieldByField(shape: z.ZodRawShape, found: unknown, fallback: Fields): Fields {
  if (!isFields(found)) return fallback;
  return Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => {
      const parsed = (schema as z.ZodType).safeParse(found[name]);
      return [name, parsed.success ? parsed.data : fallback[name]];
    }),
  );
}
