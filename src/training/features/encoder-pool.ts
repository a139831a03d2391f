import type { Encoder } from './encoder';

/** Lends the encoder of some weights for as long as `work` takes. */
export type UseEncoder = <T>(work: (encoder: Encoder) => Promise<T>) => Promise<T>;

interface Entry {
  readonly made: Promise<Encoder>;
  users: number;
  /** It is no longer lent, and goes with its last user. */
  retired: boolean;
}

/** Encoders on the device. The ones used last stay; others go, but never while somebody uses them. */
export class EncoderPool {
  private readonly entries = new Map<string, Entry>();

  /** @param resident how many stay */
  constructor(private readonly resident: number) {}

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Runs `work` with the encoder of that key, which `make` makes if it is not there. */
  async use<T>(key: string, make: () => Promise<Encoder>, work: (encoder: Encoder) => Promise<T>): Promise<T> {
    const entry = this.entries.get(key) ?? this.add(key, make);
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.users++;
    try {
      return await work(await entry.made);
    } finally {
      entry.users--;
      if (entry.retired && entry.users === 0) await free(entry);
    }
  }

  /** Takes all encoders off the device; those in use follow as soon as they are not. */
  async clear(): Promise<void> {
    const entries = [...this.entries.values()];
    this.entries.clear();
    await Promise.all(entries.map(retire));
  }

  private add(key: string, make: () => Promise<Encoder>): Entry {
    const stale = [...this.entries].slice(0, Math.max(0, this.entries.size + 1 - this.resident));
    for (const [old] of stale) this.entries.delete(old);
    // Room is made before it is taken.
    const made = Promise.all(stale.map(([, old]) => retire(old))).then(make);
    const entry: Entry = { made, users: 0, retired: false };
    made.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    });
    return entry;
  }
}

/** Waits for nothing that is in use: what is being made may itself wait for the pool to be cleared. */
async function retire(entry: Entry): Promise<void> {
  entry.retired = true;
  if (entry.users === 0) await free(entry);
}

async function free({ made }: Entry): Promise<void> {
  await made.then((encoder) => encoder.dispose()).catch(() => undefined);
}
