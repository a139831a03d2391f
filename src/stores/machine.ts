import { create } from 'zustand';
import { messageOf } from '../protocol/errors';
import type { Capabilities } from '../protocol/machine';
import { forceBackend, forcedBackend, type ExecutorKind } from './backend';
import { client } from './client';
import { Turns } from './turns';

/**
 * What the worker says that it can compute with. It is asked at the start, when the user chooses otherwise, and when a worker has died; of
 * answers that overlap, the newest counts.
 */

interface MachineState {
  /** What the machine offers and what was chosen; null until it has been asked. */
  readonly capabilities: Capabilities | null;
  readonly problem: string | null;
  /** What the user wants to compute with; null while the studio chooses. */
  readonly forced: ExecutorKind | null;

  /** Asks what the machine can do, now and whenever the worker is a new one. */
  readonly start: () => Promise<void>;
  /** Asks what the machine can do. */
  readonly probe: () => Promise<void>;
  /** Computes with something else than the studio would choose, or leaves the choice to it again (null). */
  readonly force: (backend: ExecutorKind | null) => Promise<void>;
}

/** What there is to compute with. */
export const useMachineStore = create<MachineState>()((set, get) => {
  const probes = new Turns();
  let probing = false;

  return {
    capabilities: null,
    problem: null,
    forced: null,

    async start() {
      // A new worker knows nothing of what the user wants to compute with. One that dies of being asked is not asked again by itself.
      client.crashed(() => {
        if (!probing) void get().probe();
      });
      await get().probe();
    },

    async probe() {
      const isNewest = probes.next();
      probing = true;
      try {
        const forced = await forcedBackend();
        const capabilities = await client.request('probe', { force: forced });
        if (isNewest()) set({ capabilities, forced, problem: null });
      } catch (error) {
        if (isNewest()) set({ problem: messageOf(error) });
      } finally {
        if (isNewest()) probing = false;
      }
    },

    async force(backend) {
      await forceBackend(backend);
      await get().probe();
    },
  };
});
