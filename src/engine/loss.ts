import { EngineError } from './executor';

/** Milliseconds within which a device says that it is lost after what was asked of it has failed. */
const lossDelay = 500;

/** What is behind a failure on a device: whatever is asked of one that is lost fails in ways of its own, before the device says that it is lost. */
export function causeOf(error: unknown, lost: Promise<EngineError>): Promise<unknown> {
  if (error instanceof EngineError && error.code === 'device-lost') return Promise.resolve(error);
  const ofDevice = error instanceof EngineError || (error instanceof DOMException && error.name === 'OperationError');
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(error), ofDevice ? lossDelay : 0);
    void lost.then((loss) => {
      clearTimeout(timer);
      resolve(loss);
    });
  });
}
