/** The Web Locks of one origin, for tests of several tabs in one process: shared and exclusive, waiting in turn, `ifAvailable`. */
export class FakeLocks {
  private readonly held: { readonly name: string; readonly mode: LockMode }[] = [];
  private queue: { readonly name: string; readonly mode: LockMode; readonly grant: () => void }[] = [];

  request<T>(
    name: string,
    ...rest: [(lock: Lock | null) => Promise<T>] | [LockOptions, (lock: Lock | null) => Promise<T>]
  ): Promise<T> {
    const [options, work] = rest.length === 1 ? [{}, rest[0]] : rest;
    const mode = options.mode ?? 'exclusive';
    if (options.ifAvailable === true && !this.free({ name, mode }, this.queue)) return work(null);
    return new Promise<void>((grant) => {
      this.queue.push({ name, mode, grant });
      this.serve();
    }).then(async () => {
      const lock = { name, mode };
      try {
        return await work(lock);
      } finally {
        this.held.splice(
          this.held.findIndex((each) => each.name === name && each.mode === mode),
          1,
        );
        this.serve();
      }
    });
  }

  query(): Promise<LockManagerSnapshot> {
    return Promise.resolve({ held: [...this.held], pending: this.queue.map(({ name, mode }) => ({ name, mode })) });
  }

  private serve(): void {
    const waiting = this.queue;
    this.queue = [];
    for (const request of waiting) {
      if (this.free(request, this.queue)) {
        this.held.push({ name: request.name, mode: request.mode });
        request.grant();
      } else this.queue.push(request);
    }
  }

  private free(
    { name, mode }: { readonly name: string; readonly mode: LockMode },
    before: readonly { readonly name: string }[],
  ): boolean {
    return (
      !before.some((each) => each.name === name) &&
      this.held.every((each) => each.name !== name || (mode === 'shared' && each.mode === 'shared'))
    );
  }
}
