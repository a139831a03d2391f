import { EngineError } from './executor';

/**
 * Limits that decide which models fit; the ones a plan asks for. Kernels keep to the 8 storage buffers that every adapter binds, so that limit is
 * not among them.
 */
export type NeededLimit =
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup';

/** What WebGPU grants everywhere (https://www.w3.org/TR/webgpu/#limits). */
const guaranteed: Readonly<Record<NeededLimit, number>> = {
  maxBufferSize: 256 * 2 ** 20,
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
};

/** What the engine would like to have: more would not be used. */
const wanted: Readonly<Record<NeededLimit, number>> = {
  maxBufferSize: 4 * 2 ** 30,
  maxStorageBufferBindingSize: 2 * 2 ** 30 - 4,
  maxComputeWorkgroupStorageSize: 32_768,
  maxComputeInvocationsPerWorkgroup: 1024,
};

const usefulFeatures = ['shader-f16', 'subgroups', 'timestamp-query'] as const satisfies readonly GPUFeatureName[];

/** A limit that the device was granted less of than asked for. */
export interface RefusedLimit {
  readonly limit: NeededLimit;
  readonly wanted: number;
  readonly granted: number;
  /** For people: what does not work because of it. */
  readonly rulesOut: string;
}

export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** The adapter computes on the CPU: SwiftShader, llvmpipe, Microsoft Basic Render Driver. */
  readonly software: boolean;
  /** One line for people. */
  readonly name: string;
}

/** A device with what is known about it. Whoever acquired it destroys it. */
export interface EngineDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly features: { readonly f16: boolean; readonly subgroups: boolean; readonly timestamps: boolean };
  readonly limits: Readonly<Record<NeededLimit, number>>;
  readonly refused: readonly RefusedLimit[];
  /** Resolves when the device is gone for good; never after an intended `destroy`. */
  readonly lost: Promise<EngineError>;
}

export interface DeviceRequest {
  /** Defaults to `navigator.gpu`. */
  readonly gpu?: GPU | undefined;
  readonly powerPreference?: GPUPowerPreference;
  /** Ask for the software adapter even where a GPU is there. */
  readonly forceFallbackAdapter?: boolean;
}

/**
 * Requests adapter and device: all useful features and the largest useful limits first, then less.
 * @throws EngineError `no-webgpu` where there is no adapter or no device
 */
export async function acquireDevice(request: DeviceRequest = {}): Promise<EngineDevice> {
  const gpu = request.gpu ?? browserGpu();
  const adapter = await gpu.requestAdapter({
    powerPreference: request.powerPreference ?? 'high-performance',
    forceFallbackAdapter: request.forceFallbackAdapter ?? false,
  });
  if (adapter === null) {
    throw new EngineError(
      'no-webgpu',
      'This browser offers WebGPU but no graphics adapter. Check that hardware acceleration is on.',
    );
  }
  const device = await requestInSteps(adapter);
  const limits = grantedLimits(device);
  return {
    device,
    adapter: describeAdapter(adapter.info),
    features: {
      f16: device.features.has('shader-f16'),
      subgroups: device.features.has('subgroups'),
      timestamps: device.features.has('timestamp-query'),
    },
    limits,
    refused: refusedLimits(limits),
    lost: watchLoss(device),
  };
}

function browserGpu(): GPU {
  const gpu = (globalThis.navigator as Partial<Navigator> | undefined)?.gpu;
  if (gpu !== undefined) return gpu;
  throw new EngineError(
    'no-webgpu',
    globalThis.isSecureContext
      ? 'This browser has no WebGPU. Chrome or Edge 113, Safari 26 and Firefox 141 (or later) have it.'
      : 'WebGPU is only there on secure pages. Open Vernier over https or on localhost.',
  );
}

async function requestInSteps(adapter: GPUAdapter): Promise<GPUDevice> {
  const features = usefulFeatures.filter((feature) => adapter.features.has(feature));
  const most = Object.fromEntries(neededLimits.map((limit) => [limit, Math.min(wanted[limit], adapter.limits[limit])]));
  const attempts: readonly GPUDeviceDescriptor[] = [
    { requiredFeatures: features, requiredLimits: most },
    { requiredFeatures: [], requiredLimits: most },
    {},
  ];
  let failure: unknown;
  for (const attempt of attempts) {
    try {
      return await adapter.requestDevice(attempt);
    } catch (error) {
      failure = error;
    }
  }
  throw new EngineError('no-webgpu', 'The graphics adapter refused to give a device.', { cause: failure });
}

const neededLimits = Object.keys(wanted) as NeededLimit[];

function grantedLimits(device: GPUDevice): Readonly<Record<NeededLimit, number>> {
  return Object.fromEntries(neededLimits.map((limit) => [limit, device.limits[limit]])) as Record<NeededLimit, number>;
}

/** The limits that hold back what the engine can do, with what each rules out. */
function refusedLimits(limits: Readonly<Record<NeededLimit, number>>): readonly RefusedLimit[] {
  const consequence: Readonly<Record<NeededLimit, (granted: number) => string>> = {
    maxBufferSize: (granted) => `No single buffer over ${megabytes(granted)}: parameters are split over several.`,
    maxStorageBufferBindingSize: (granted) =>
      `No tensor over ${megabytes(granted)}: token tables and activations larger than that cannot be used.`,
    maxComputeWorkgroupStorageSize: (granted) =>
      `Matmul and attention tiles are limited to ${granted} bytes of workgroup memory.`,
    maxComputeInvocationsPerWorkgroup: (granted) => `Workgroups have at most ${granted} invocations.`,
  };
  return neededLimits
    .filter((limit) => limits[limit] < wanted[limit])
    .map((limit) => ({
      limit,
      wanted: wanted[limit],
      granted: Math.max(limits[limit], guaranteed[limit]),
      rulesOut: consequence[limit](limits[limit]),
    }));
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** Names that software adapters give themselves, in any of the info's fields. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|software/i;

/** Names the adapter and tells whether it computes on the CPU. */
function describeAdapter(info: GPUAdapterInfo): AdapterDescription {
  const { vendor, architecture, device, description } = info;
  const fields = [vendor, architecture, device, description];
  const software = info.isFallbackAdapter || fields.some((field) => softwareNames.test(field));
  const name = description !== '' ? description : fields.filter((field) => field !== '').join(' ');
  return { vendor, architecture, device, description, software, name: name === '' ? 'unnamed adapter' : name };
}

async function watchLoss(device: GPUDevice): Promise<EngineError> {
  const { reason, message } = await device.lost;
  // An intended destroy is no loss: nobody waits for this promise any more.
  if (reason === 'destroyed') return new Promise<never>(() => undefined);
  const words = message === '' ? '' : ` The browser says: “${message}”`;
  return new EngineError(
    'device-lost',
    `The graphics device was lost, as happens when its driver restarts or the machine sleeps.${words}`,
  );
}
