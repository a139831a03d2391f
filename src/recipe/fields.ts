import type { z } from 'zod';
import { methodSchemas } from './methods';
import { recipeSchema, type Method, type Recipe, type Task } from './schema';
import { taskSchemas } from './tasks';

/**
 * Recipes as flat lists of fields: those of the recipe itself, and those of its task and its method, whose names are their own. `task` and
 * `method` stand for the types of these parts. Forms, differences, links and changes speak of fields by these names.
 */
export type RecipeFields = Omit<Recipe, PartName> & FieldsOf<Task> & FieldsOf<Method> & Types;

export type RecipeKey = keyof RecipeFields;

/** Some fields with the values that they are to take; fields that the recipe does not have are left out. */
export type RecipeChange = Partial<RecipeFields>;

type PartName = 'task' | 'method';
type Types = { [Name in PartName]: Recipe[Name]['type'] };

/** All fields of a union of parts, each with the values that it may have in any of them. */
type FieldsOf<Part> = {
  [Key in Part extends unknown ? Exclude<keyof Part, 'type'> : never]: Part extends { [Name in Key]: infer Value }
    ? Value
    : never;
};

type PartSchema = (typeof taskSchemas)[number] | (typeof methodSchemas)[number];

const partSchemas = { task: taskSchemas, method: methodSchemas } as const;
const partNames = Object.keys(partSchemas) as readonly PartName[];

/** Every field, in canonical order: that of forms, differences and links. */
export const recipeKeys: readonly RecipeKey[] = (Object.keys(recipeSchema.shape) as RecipeKey[]).flatMap((key) =>
  isPart(key) ? [key, ...new Set(partSchemas[key].flatMap(keysOf))] : [key],
);

/** The recipe with every field at its default. */
export const defaultRecipe: Recipe = Object.freeze(recipeSchema.parse({}));

/** The schema of a field as the recipe has it; of a field that it does not have, as some other task or method does. */
export function schemaOf(key: RecipeKey, recipe: Recipe = defaultRecipe): z.ZodDefault {
  const own = ownSchema(key, recipe);
  if (own !== null) return own;
  const elsewhere = partNames
    .flatMap((name): readonly PartSchema[] => partSchemas[name])
    .find((part) => keysOf(part).includes(key));
  if (elsewhere === undefined) throw new RangeError(`There is no recipe field "${key}".`);
  return fieldIn(elsewhere, key);
}

/** Whether it is a field of the recipe as it is, with its task and its method. */
export function hasField(key: RecipeKey, recipe: Recipe): boolean {
  return ownSchema(key, recipe) !== null;
}

/** A field's value; undefined where the recipe does not have it. */
export function fieldOf<Key extends RecipeKey>(recipe: Recipe, key: Key): RecipeFields[Key] | undefined {
  return flatFields(recipe)[key];
}

/**
 * The part of a recipe that a task alone concerns.
 *
 * @throws RangeError where it is a recipe of another task
 */
export function taskPart<Type extends Task['type']>(
  { task }: Pick<Recipe, 'task'>,
  type: Type,
): Extract<Task, { type: Type }> {
  if (task.type !== type) throw new RangeError(`This is no recipe of the task "${type}".`);
  return task as Extract<Task, { type: Type }>;
}

/** All fields of a recipe with their values. */
export function flatFields(recipe: Recipe): RecipeChange {
  const { task, method, ...common } = recipe;
  return { ...common, ...task, ...method, ...typesOf(recipe) } satisfies RecipeChange & { type: string };
}

/** A copy with some fields changed. Another task or method begins with its defaults. */
export function withFields(recipe: Recipe, change: RecipeChange): Recipe {
  const task = partOf('task', change, recipe.task);
  const method = partOf('method', change, recipe.method);
  const common = Object.entries(change).filter(([key]) => key in recipe && !isPart(key));
  return {
    ...recipe,
    ...(Object.fromEntries(common) as Partial<Recipe>),
    task: task as Task,
    method: method as Method,
  };
}

/** Fields are scalars or lists; equal lists hold the same, names in whatever order. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (typeof a[0] === 'object') return JSON.stringify(a) === JSON.stringify(b);
    const members = new Set<unknown>(a);
    return members.size === new Set<unknown>(b).size && b.every((name) => members.has(name));
  }
  return a === b;
}

/** The part of a recipe after a change. */
function partOf(name: PartName, change: RecipeChange, part: Task | Method): Readonly<Record<string, unknown>> {
  const type = change[name] ?? part.type;
  const schema = partSchemas[name].find((candidate) => typeOf(candidate) === type);
  if (schema === undefined) throw new RangeError(`There is no ${name} "${type}".`);
  const before = type === part.type ? part : schema.parse({ type });
  const names: readonly string[] = keysOf(schema);
  return { ...before, ...Object.fromEntries(Object.entries(change).filter(([key]) => names.includes(key))) };
}

/** Types of the parts that there are: `contrastive`, … */
export function typesFor(name: PartName): readonly string[] {
  return partSchemas[name].map(typeOf);
}

function ownSchema(key: RecipeKey, recipe: Recipe): z.ZodDefault | null {
  if (key in recipeSchema.shape) return recipeSchema.shape[key as keyof Recipe];
  for (const name of partNames) {
    const part = (partSchemas[name] as readonly PartSchema[]).find(
      (candidate) => typeOf(candidate) === recipe[name].type,
    );
    if (part !== undefined && keysOf(part).includes(key)) return fieldIn(part, key);
  }
  return null;
}

export function isPart(key: string): key is PartName {
  return Object.hasOwn(partSchemas, key);
}

function typesOf({ task, method }: Recipe): Types {
  return { task: task.type, method: method.type };
}

function typeOf(part: PartSchema): PartSchema['shape']['type']['value'] {
  return part.shape.type.value;
}

function keysOf(part: PartSchema): readonly RecipeKey[] {
  return Object.keys(part.shape).filter((key) => key !== 'type') as RecipeKey[];
}

function fieldIn(part: PartSchema, key: RecipeKey): z.ZodDefault {
  return (part.shape as unknown as Readonly<Record<string, z.ZodDefault>>)[key] as z.ZodDefault;
}
