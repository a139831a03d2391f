import type { Capabilities } from '../protocol/machine';
import { readSetting, writeSetting } from './settings';

/** What graphs can be run on. */
export type ExecutorKind = Capabilities['chosen'];

const kinds: readonly ExecutorKind[] = ['webgpu', 'tfjs-webgpu', 'tfjs-wasm', 'tfjs-cpu'];

function asKind(value: unknown): ExecutorKind | null {
  return kinds.find((kind) => kind === value) ?? null;
}

/** What the user chose to compute with instead of the studio: `?backend=…` in the address, else the stored choice; null: the studio chooses. */
export async function forcedBackend(): Promise<ExecutorKind | null> {
  const asked = asKind(new URLSearchParams(location.search).get('backend'));
  return asked ?? asKind(await readSetting('backend').catch(() => null));
}

/** Remembers the choice for the next start. */
export function forceBackend(kind: ExecutorKind | null): Promise<void> {
  return writeSetting('backend', kind);
}
