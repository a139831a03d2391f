import type { Commands } from './commands';
import type { Position } from './position';
import type { Readings } from './readings';
import type { SessionOptions } from './session-options';
import type { StepLog } from './step-log';

interface SnapshotsOptions extends Pick<SessionOptions, 'checkpoints' | 'recorder' | 'reporter' | 'now'> {
  readonly commands: Commands;
  readonly log: StepLog;
  readonly position: Position;
  readonly readings: Readings;
}

/** Takes the run as it is between two steps, once the steps in flight are done: as a checkpoint, or for those who ask. */
export class Snapshots {
  constructor(private readonly options: SnapshotsOptions) {}

  /** Keeps a checkpoint of the step that was issued last. The record is written first, so that it knows all steps of the checkpoint. */
  async checkpoint(): Promise<void> {
    const { checkpoints = null, recorder, reporter, commands, log, position, readings, now } = this.options;
    commands.checkpoint = false;
    if (checkpoints === null || position.step === 0) return;
    await readings.catchUp();
    // Where the run is going wrong, the checkpoint before is the better one.
    if (!log.health.sound) return;
    await recorder.flush();
    const began = now();
    const result = await checkpoints.keep(() => position.snapshot());
    const seconds = (now() - began) / 1000;
    log.pace.checkpointed(seconds);
    reporter.event({ type: 'checkpoint', runId: recorder.record.id, ...result, seconds });
    log.startTiming();
  }

  /** Gives the run to those who have asked for it. */
  async give(): Promise<void> {
    const { commands, log, position, readings } = this.options;
    if (!commands.wantsSnapshot) return;
    await readings.catchUp();
    commands.answer(await position.snapshot());
    log.startTiming();
  }
}
