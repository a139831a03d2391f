import { expect, test } from 'vitest';
import type { PlannedDispatch } from './plan';
import { Submitter } from './submitter';

/** What a device is told, in order; a line for each submission. */
function recordingDevice(): { readonly device: GPUDevice; readonly submissions: string[] } {
  const submissions: string[] = [];
  const createCommandEncoder = (): object => {
    const said: string[] = [];
    return {
      beginComputePass: () => ({
        setPipeline: () => undefined,
        setBindGroup: () => undefined,
        dispatchWorkgroups: (x: number) => said.push(`dispatch ${x}`),
        end: () => undefined,
      }),
      copyBufferToBuffer: () => said.push('copy'),
      clearBuffer: () => said.push('clear'),
      finish: () => said,
    };
  };
  const queue = { submit: (buffers: string[][]) => submissions.push(buffers.flat().join(', ')) };
  return { device: { createCommandEncoder, queue } as unknown as GPUDevice, submissions };
}

const dispatch = (x: number, work: number) => ({ x, y: 1, z: 1, work }) as PlannedDispatch;
const clear = (encoder: GPUCommandEncoder): void => encoder.clearBuffer(null as never);
const copy = (encoder: GPUCommandEncoder): void => encoder.copyBufferToBuffer(null as never, null as never);

test('work that is short is one submission, with what comes before and after it', () => {
  const { device, submissions } = recordingDevice();
  const submitter = new Submitter(device, false);
  expect(submitter.issue([dispatch(1, 10), dispatch(2, 10)], 0, 2, clear, copy)).toBe(1);
  expect(submissions).toEqual(['clear, dispatch 1, dispatch 2, copy']);
});

test('long work is cut, and what comes after it is done after the last part alone', () => {
  const { device, submissions } = recordingDevice();
  const submitter = new Submitter(device, true);
  const long = 0.8 * 50 * 2e6;
  expect(submitter.issue([dispatch(1, long), dispatch(2, long), dispatch(3, 1)], 0, 3, clear, copy)).toBe(2);
  expect(submissions).toEqual(['clear, dispatch 1', 'dispatch 2, dispatch 3, copy']);
});

test('results are copied where nothing is computed', () => {
  const { device, submissions } = recordingDevice();
  expect(new Submitter(device, false).issue([], 0, 0, undefined, copy)).toBe(1);
  expect(submissions).toEqual(['copy']);
});
