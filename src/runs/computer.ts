import { z } from 'zod';

/**
 * What computes a run, as far as the last bits of its numbers depend on it: another adapter or driver adds up in another order. Checkpoints say which
 * one computed them.
 */
export const computerSchema = z.object({
  /** Kind of executor. */
  backend: z.string(),
  /** For people. */
  name: z.string(),
  /** As WebGPU describes it, with what its device was granted; null where no GPU computes. */
  adapter: z
    .object({
      vendor: z.string(),
      architecture: z.string(),
      device: z.string(),
      description: z.string(),
      features: z.array(z.string()),
      limits: z.record(z.string(), z.number()),
    })
    .nullable(),
});
export type Computer = Readonly<z.infer<typeof computerSchema>>;

/**
 * What computed before and what computes now, by their names; null where they are the same.
 *
 * @param before absent in checkpoints of versions that did not note it
 */
export function changeOfComputer(
  before: Computer | undefined,
  now: Computer,
): { readonly from: string; readonly to: string } | null {
  if (before === undefined || identity(before) === identity(now)) return null;
  return { from: before.name, to: now.name };
}

function identity({ backend, name, adapter }: Computer): string {
  if (adapter === null) return JSON.stringify([backend, name]);
  const { vendor, architecture, device, description, features, limits } = adapter;
  const sorted = Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([backend, vendor, architecture, device, description, [...features].sort(), sorted]);
}
