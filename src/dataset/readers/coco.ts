import { z } from 'zod';
import { baseName } from '../paths';
import type { Table } from './rows';

/** COCO's captions: pictures by id, and captions that name the id. Other fields are left aside. */
const schema = z.object({
  images: z.array(z.object({ id: z.union([z.number(), z.string()]), file_name: z.string() })),
  annotations: z.array(z.object({ image_id: z.union([z.number(), z.string()]), caption: z.string() })),
});

/** True for a JSON document with COCO's two lists, whatever they annotate. */
export function isCoco(document: Readonly<Record<string, unknown>>): boolean {
  const { images, annotations } = document;
  const first: unknown = Array.isArray(annotations) ? annotations[0] : undefined;
  return Array.isArray(images) && typeof first === 'object' && first !== null && 'image_id' in first;
}

/**
 * A row for each caption of a COCO captions file, in the order of the file.
 * @throws Error with a sentence for the user when the file annotates something else (boxes, keypoints) or its lists are damaged
 */
export function readCoco(document: unknown, path: string): Table {
  const parsed = schema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      issue?.path.at(-1) === 'caption'
        ? `${baseName(path)} is a COCO file of boxes, masks or keypoints, not of captions. Add the captions file (captions_….json) to have captions.`
        : `${baseName(path)} is not a sound COCO file: ${issue?.path.join('.')} ${issue?.message}. Export it again.`,
    );
  }
  const { images, annotations } = parsed.data;
  const names = new Map(images.map(({ id, file_name }) => [String(id), file_name]));
  return {
    columns: ['file_name', 'caption'],
    rows: annotations.map(({ image_id, caption }, i) => ({
      number: i + 1,
      values: { file_name: names.get(String(image_id)) ?? image_id, caption },
    })),
    header: 'given',
  };
}
