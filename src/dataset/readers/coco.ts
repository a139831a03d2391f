import { z } from 'zod';
import { readWithin } from '../limits';
import { baseName, extensionOf, isDocumentation } from '../paths';
import type { SourceFile } from '../source';
import { decodeText } from '../text';
import { parseJson } from './json-document';
import type { Reader } from './reader';
import { isObject, tableOf } from './rows';
import { bareColumns, readNamed, sourceOf } from './table';
import type { NamedTable } from './table-rows';

/** COCO's annotations of pictures: captions, and the categories of what is outlined in them. */
export const cocoReader: Reader = {
  async *read(listing, findings, signal) {
    const tables: NamedTable[] = [];
    for (const [path, file] of listing.others) {
      if (extensionOf(path) !== 'json' || findings.used.has(path) || isDocumentation(path)) continue;
      signal?.throwIfAborted();
      const document = await cocoIn(file);
      const named = document === null ? null : await readNamed(path, findings, () => readCoco(document, path));
      if (named !== null) tables.push(named);
    }
    const [first, ...others] = tables;
    if (first !== undefined) yield sourceOf([first, ...others], 'COCO captions', listing, findings);
  },
};

const id = z.union([z.number(), z.string()]);
const images = z.array(z.object({ id, file_name: z.string() }));
/** COCO's captions: pictures by id, and captions that name the id. Other fields are left aside. */
const captionsSchema = z.object({ images, annotations: z.array(z.object({ image_id: id, caption: z.string() })) });
/** COCO's boxes and outlines: what each of them shows, by the id of a category. */
const instancesSchema = z.object({
  images,
  annotations: z.array(z.object({ image_id: id, category_id: id })),
  categories: z.array(z.object({ id, name: z.string() })),
});

/** The document of a file with COCO's two lists, whatever they annotate; null for any other file, which is left to others. */
async function cocoIn(file: SourceFile): Promise<object | null> {
  try {
    const text = decodeText(await readWithin(file, 'table'), file.path);
    // Most JSON files are of one picture each: they are not parsed twice.
    if (!['"images"', '"annotations"', '"image_id"'].every((word) => text.includes(word))) return null;
    const document = parseJson(text, file.path);
    if (!isObject(document)) return null;
    const { images, annotations } = document;
    const first: unknown = Array.isArray(annotations) ? annotations[0] : undefined;
    return Array.isArray(images) && isObject(first) && 'image_id' in first ? document : null;
  } catch {
    return null;
  }
}

/**
 * A row for each caption of a COCO file, in the order of the file; of a file of boxes, a row for each picture with its categories.
 * @throws Error with a sentence for the user when the file annotates something else (keypoints) or its lists are damaged
 */
function readCoco(document: object, path: string): NamedTable {
  const captions = captionsSchema.safeParse(document);
  if (captions.success) {
    const nameOf = namesById(captions.data.images);
    const rows = captions.data.annotations.map(({ image_id, caption }) => ({ file_name: nameOf(image_id), caption }));
    return { path, table: tableOf(rows), columns: { ...bareColumns, caption: 'caption' } };
  }
  const [issue] = captions.error.issues;
  if (issue?.path.at(-1) !== 'caption') {
    throw new Error(
      `${baseName(path)} is not a sound COCO file: ${issue?.path.join('.')} ${issue?.message}. Export it again.`,
    );
  }
  const lack = `${baseName(path)} is a COCO file of boxes, masks or keypoints, not of captions. Add the captions file (captions_….json) to have captions.`;
  const instances = instancesSchema.safeParse(document);
  if (!instances.success) throw new Error(lack);
  const categoryOf = new Map(instances.data.categories.map(({ id, name }) => [String(id), name]));
  const nameOf = namesById(instances.data.images);
  const seen = new Map<string | number, Set<string>>();
  for (const { image_id, category_id } of instances.data.annotations) {
    const name = nameOf(image_id);
    const category = categoryOf.get(String(category_id));
    if (category !== undefined) seen.set(name, (seen.get(name) ?? new Set()).add(category));
  }
  const rows = [...seen].map(([file_name, categories]) => ({ file_name, category: [...categories] }));
  const role = rows.every(({ category }) => category.length === 1) ? 'label' : 'none';
  return { path, table: tableOf(rows), columns: { ...bareColumns, others: [{ name: 'category', role }], lack } };
}

/** The name of the file with an id, which serves itself where the file is not listed. */
function namesById(images: readonly { readonly id: string | number; readonly file_name: string }[]) {
  const names = new Map(images.map(({ id, file_name }) => [String(id), file_name]));
  return (id: string | number): string | number => names.get(String(id)) ?? id;
}
