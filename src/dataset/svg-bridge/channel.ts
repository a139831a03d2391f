import { z } from 'zod';

/**
 * Browsers draw SVG only where there is a document, so the worker asks the page. The two talk over a BroadcastChannel of their own: a request
 * carries the SVG's bytes, the answer the PNG's. Where several tabs are open the first answer counts.
 */
export const channelName = 'vernier-svg';

const bytes = z.instanceof(Uint8Array<ArrayBuffer>);
export const requestSchema = z.object({
  kind: z.literal('draw'),
  id: z.string(),
  svg: bytes,
  width: z.int().min(1).max(4096),
  height: z.int().min(1).max(4096),
});
export const answerSchema = z.object({
  kind: z.literal('drawn'),
  id: z.string(),
  png: bytes.nullable(),
  reason: z.string(),
});

export type DrawRequest = z.infer<typeof requestSchema>;
export type DrawAnswer = z.infer<typeof answerSchema>;
