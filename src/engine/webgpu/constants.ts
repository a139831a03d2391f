/** WebGPU's flag values (https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage), spelled out because not every host has the globals. */
export const bufferUsage = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyDestination: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

export const mapRead = 0x0001;

export const computeStage = 0x0004;
