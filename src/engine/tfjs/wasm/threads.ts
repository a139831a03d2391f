import type { WasmKernels } from './kernels';
import { call, type KernelCall, type KernelRunner } from './runner';

/**
 * Layout of the control block in the shared heap. Words (i32): generation, then threads that are still busy, then whether a kernel
 * trapped, then per thread the number of its kernel in `kernelNames` or `idleState` and its argument count. Behind them, 8-byte aligned, per thread `maxArgs` arguments (f64).
 */
const generationSlot = 0;
const runningState = 1;
const trappedState = 2;
const firstSlot = 3;
const maxArgs = 24;
const idleState = -1;

/** In place of a kernel: the thread ends. */
const stopped = -2;

/** How often the caller looks before it sleeps: kernels are short, and waking up takes as long as many of them. */
const spinCount = 20_000;

/** What a thread is started with. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly threads: number;
  readonly index: number;
  readonly kernelNames: readonly string[];
}

/** Bytes of the control block. */
export function controlBytes(threads: number): number {
  return argumentsOffset(threads) + threads * maxArgs * 8;
}

function argumentsOffset(threads: number): number {
  return Math.ceil(((firstSlot + 2 * threads) * 4) / 8) * 8;
}

class Control {
  readonly words: Int32Array;
  readonly args: Float64Array;

  constructor({ memory, control, threads }: Pick<ThreadStart, 'memory' | 'control' | 'threads'>) {
    this.words = new Int32Array(memory.buffer, control, firstSlot + 2 * threads);
    this.args = new Float64Array(memory.buffer, control + argumentsOffset(threads), threads * maxArgs);
  }

  write(index: number, kernel: number, args: readonly number[]): void {
    this.words[firstSlot + 2 * index] = kernel;
    this.words[firstSlot + 2 * index + 1] = args.length;
    this.args.set(args, index * maxArgs);
  }

  /** Wakes the threads. */
  start(running: number): void {
    Atomics.store(this.words, runningState, running);
    Atomics.add(this.words, generationSlot, 1);
    Atomics.notify(this.words, generationSlot);
  }
}

/** The calling thread and some workers. The caller takes a share of every run. */
export class ThreadPool implements KernelRunner {
  private readonly control: Control;
  private readonly numbers: ReadonlyMap<string, number>;
  /** Only workers may sleep; the page's own thread has to look again and again. */
  private readonly maySleep = typeof document === 'undefined';

  private constructor(
    readonly threads: number,
    private readonly kernels: WasmKernels,
    private readonly workers: readonly Worker[],
    start: Omit<ThreadStart, 'index'>,
  ) {
    this.control = new Control(start);
    this.numbers = new Map(start.kernelNames.map((name, number) => [name, number]));
  }

  /**
   * Starts the workers and waits until all of them listen.
   * @param control address of `controlBytes(threads)` bytes in the heap
   */
  static async start(
    threads: number,
    kernels: WasmKernels,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    control: number,
  ): Promise<ThreadPool> {
    const kernelNames = Object.entries(kernels).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
    const start = { module, memory, control, threads, kernelNames };
    new Control(start).words.fill(0);
    const workers = Array.from({ length: threads - 1 }, () => {
      return new Worker(new URL('./thread.ts', import.meta.url), { type: 'module', name: 'kernels' });
    });
    const listening = workers.map((worker, at) => listens(worker, { ...start, index: at + 1 }));
    try {
      await Promise.all(listening);
    } catch (error) {
      for (const worker of workers) worker.terminate();
      throw error;
    }
    return new ThreadPool(threads, kernels, workers, start);
  }

  run(calls: readonly KernelCall[]): void {
    const [own, ...others] = calls;
    if (own === undefined) return;
    if (others.length > 0) {
      for (let index = 1; index < this.threads; index++) {
        const other = others[index - 1];
        this.control.write(
          index,
          other === undefined ? idleState : (this.numbers.get(other.kernel) ?? idleState),
          other?.args ?? [],
        );
      }
      this.control.start(this.threads - 1);
    }
    call(this.kernels, own);
    if (others.length === 0) return;
    this.wait();
    if (Atomics.load(this.control.words, trappedState) !== 0)
      throw new Error('A kernel failed on a WebAssembly thread.');
  }

  dispose(): void {
    for (let index = 1; index < this.threads; index++) this.control.write(index, stopped, []);
    this.control.start(this.threads - 1);
    for (const worker of this.workers) worker.terminate();
  }

  private wait(): void {
    const { words } = this.control;
    for (let spin = 0; ; spin++) {
      const running = Atomics.load(words, runningState);
      if (running === 0) return;
      if (spin > spinCount && this.maySleep) Atomics.wait(words, runningState, running);
    }
  }
}

/** The life of a worker: sleeps, runs its call, reports, sleeps. Never returns to its event loop until it is told to stop. */
export function serveKernels(start: ThreadStart, listening: () => void): void {
  const { module, memory, index, kernelNames } = start;
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as WasmKernels;
  const { words, args } = new Control(start);
  let generation = Atomics.load(words, generationSlot);
  listening();
  for (;;) {
    Atomics.wait(words, generationSlot, generation);
    const now = Atomics.load(words, generationSlot);
    if (now === generation) continue;
    generation = now;
    const number = words[firstSlot + 2 * index] ?? idleState;
    if (number === stopped) return;
    const kernel = kernelNames[number] as keyof WasmKernels | undefined;
    if (kernel !== undefined) {
      const count = words[firstSlot + 2 * index + 1] ?? 0;
      try {
        call(kernels, { kernel, args: [...args.subarray(index * maxArgs, index * maxArgs + count)] });
      } catch {
        Atomics.store(words, trappedState, 1);
      }
    }
    if (Atomics.sub(words, runningState, 1) === 1) Atomics.notify(words, runningState);
  }
}

function listens(worker: Worker, start: ThreadStart): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(`A WebAssembly thread did not start: ${event.message}`));
    worker.postMessage(start);
  });
}
