import type { DeviceCalls } from './decode-options';

/** Counts what a device is asked for from now on, until it is read. */
export function countCalls(device: GPUDevice): () => DeviceCalls {
  const calls = { dispatches: 0, submissions: 0, readbacks: 0 };
  const { queue } = device;
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    calls.submissions++;
    return submit(buffers);
  };
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (given) => {
      const pass = beginComputePass(given);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (x, y, z) => {
        calls.dispatches++;
        return dispatch(x, y, z);
      };
      return pass;
    };
    return encoder;
  };
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const mapAsync = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (mode, offset, size) => {
      calls.readbacks++;
      return mapAsync(mode, offset, size);
    };
    return buffer;
  };
  return () => ({ ...calls });
}
