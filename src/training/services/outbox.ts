import type { AnswerMessage, WorkerMessage } from '../../protocol/protocol';
import type { TrainingEvent } from '../../protocol/training';

/** Least milliseconds between two messages with events: ten a second. */
const eventsEvery = 100;

/**
 * What the worker sends to the page. Events of a run go in bundles, the first at once and then one every tenth of a second however many there
 * are; nothing is lost and nothing overtakes.
 */
export class Outbox {
  private waiting: TrainingEvent[] = [];
  private lastSent = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly post: (message: WorkerMessage) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  event(event: TrainingEvent): void {
    this.waiting.push(event);
    const wait = this.lastSent + eventsEvery - this.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Sends an answer to a request, after the events before it, or how far the request is. */
  answer(message: AnswerMessage): void {
    if (message.kind !== 'progress') this.flush();
    this.post(message);
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.waiting.length === 0) return;
    const events = this.waiting;
    this.waiting = [];
    this.lastSent = this.now();
    this.post({ kind: 'events', events });
  }
}
