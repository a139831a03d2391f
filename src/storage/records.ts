import type { z } from 'zod';
import { isFields, upgraded, type Fields, type Migration } from '../recipe/versions';

/**
 * How one kind of stored record is read. A record outlives the code that wrote it, so it is brought up to date version by version, and a field
 * that does not fit is replaced, where that may be, and told, instead of the whole record being lost.
 */
export interface RecordKind<Shape extends z.ZodRawShape> {
  readonly schema: z.ZodObject<Shape>;
  /** From version 1 on, see `upgraded`. */
  readonly migrations: readonly Migration[];
  /** What stands for a field that cannot be read. Fields without one are what the record is of no use without. */
  readonly fallbacks: Partial<z.infer<z.ZodObject<Shape>>>;
  /** What can be saved of single fields before the schema judges them. */
  readonly repair?: (fields: Fields) => { readonly fields: Fields; readonly notes: readonly string[] };
}

/** A record as it was read, or why it cannot be. */
export type ReadRecord<T> =
  | {
      readonly sound: true;
      readonly value: T;
      /** What of it could not be taken as it is stored, in sentences for the user. */
      readonly notes: readonly string[];
    }
  | { readonly sound: false; readonly reason: string };

/** A stored record that cannot be read: it is listed, so that it can be deleted with all that belongs to it. */
export interface DamagedRecord {
  /** Its key. */
  readonly id: string;
  /** As far as it can be had. */
  readonly name: string | null;
  readonly reason: string;
}

/** Reads a stored record of any version. Never throws. */
export function readRecord<Shape extends z.ZodRawShape>(
  { schema, migrations, fallbacks, repair }: RecordKind<Shape>,
  stored: unknown,
): ReadRecord<z.infer<z.ZodObject<Shape>>> {
  if (!isFields(stored)) return { sound: false, reason: 'It is no record at all.' };
  let fields: Fields;
  const notes: string[] = [];
  try {
    fields = upgraded(stored, migrations);
    const repaired = repair?.(fields);
    if (repaired !== undefined) {
      fields = repaired.fields;
      notes.push(...repaired.notes);
    }
  } catch (error) {
    return { sound: false, reason: `It cannot be brought up to date: ${String(error)}.` };
  }
  const first = schema.safeParse(fields);
  if (first.success) return { sound: true, value: first.data, notes };
  const unfit = new Set(first.error.issues.map(({ path }) => String(path[0])));
  const vital = [...unfit].filter((name) => !Object.hasOwn(fallbacks, name));
  if (vital.length > 0) return { sound: false, reason: `${listed(vital)} cannot be read.` };
  const replaced = Object.fromEntries([...unfit].map((name) => [name, (fallbacks as Fields)[name]]));
  const second = schema.safeParse({ ...fields, ...replaced });
  if (!second.success) return { sound: false, reason: `${listed([...unfit])} cannot be read.` };
  return { sound: true, value: second.data, notes: [...notes, `${listed([...unfit])} could not be read.`] };
}

/** Reads records as a schema would, where nothing is to be said of what was replaced. */
export function readerOf<Shape extends z.ZodRawShape>(
  kind: RecordKind<Shape>,
): RecordReader<z.infer<z.ZodObject<Shape>>> {
  return {
    safeParse(stored) {
      const read = readRecord(kind, stored);
      return read.sound ? { success: true, data: read.value } : { success: false };
    },
  };
}

/** What `readerOf` gives. */
export interface RecordReader<T> {
  safeParse(
    stored: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly data?: undefined };
}

/** A record as it is to be stored: with the version that it is of. */
export function stamped<T extends object>({ migrations }: { readonly migrations: readonly Migration[] }, record: T): T {
  return { ...record, version: migrations.length + 1 };
}

/** What there is to say of a record that cannot be read. */
export function damagedRecord(key: string, stored: unknown, reason: string): DamagedRecord {
  const name = isFields(stored) && typeof stored['name'] === 'string' ? stored['name'] : null;
  return { id: key, name, reason };
}

function listed(names: readonly string[]): string {
  return names.map((name) => `“${name}”`).join(', ');
}
