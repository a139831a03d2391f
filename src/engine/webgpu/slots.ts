/** A value that lives from the first to the last of the dispatches that touch it, both included. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface SlotPlan {
  /** Size of each slot. */
  readonly slots: readonly number[];
  /** Slot of each lifetime, in the order given. */
  readonly slotOf: readonly number[];
}

/**
 * Gives values whose lifetimes do not overlap the same memory. Greedy by size (Pisarchyk & Lee 2020, arXiv 2001.03288, section 4.3): the largest
 * value first, each into the smallest free slot, so that a slot is as large as its first value. A slot is a buffer of its own: WebGPU
 * forbids a dispatch to read and write one buffer through separate bindings, and values that are alive together never share one.
 */
export function planSlots(lifetimes: readonly Lifetime[]): SlotPlan {
  const slots: { readonly bytes: number; readonly taken: Lifetime[] }[] = [];
  const slotOf = new Array<number>(lifetimes.length).fill(-1);
  const order = lifetimes
    .map((_, index) => index)
    .sort((a, b) => bytesAt(lifetimes, b) - bytesAt(lifetimes, a) || a - b);
  for (const index of order) {
    const value = lifetimes[index];
    if (value === undefined) continue;
    let best = -1;
    slots.forEach((slot, candidate) => {
      const smaller = best === -1 || slot.bytes < (slots[best]?.bytes ?? 0);
      if (smaller && slot.taken.every((other) => other.last < value.first || value.last < other.first))
        best = candidate;
    });
    if (best === -1) best = slots.push({ bytes: value.bytes, taken: [] }) - 1;
    slots[best]?.taken.push(value);
    slotOf[index] = best;
  }
  return { slots: slots.map(({ bytes }) => bytes), slotOf };
}

function bytesAt(lifetimes: readonly Lifetime[], index: number): number {
  return lifetimes[index]?.bytes ?? 0;
}

/** Most bytes alive at once: no plan can do with less. */
export function peakBytes(lifetimes: readonly Lifetime[]): number {
  let peak = 0;
  for (const { first: moment } of lifetimes) {
    let alive = 0;
    for (const { bytes, first, last } of lifetimes) if (first <= moment && moment <= last) alive += bytes;
    peak = Math.max(peak, alive);
  }
  return peak;
}
