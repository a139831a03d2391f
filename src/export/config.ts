import type { ExportPrecision } from './weights';

/**
 * The base's `config.json` with the precision of the exported weights. Transformers loads weights in the type that the configuration names, so
 * a `float16` left over from the base would round float32 weights; sub-configurations may carry the entry too, and older files call it
 * `torch_dtype`.
 * @param bytes the base's file
 */
export function exportedConfig(bytes: Uint8Array, precision: ExportPrecision): string {
  const config = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  const key = 'torch_dtype' in config && !('dtype' in config) ? 'torch_dtype' : 'dtype';
  const result: Record<string, unknown> = { ...config, architectures: ['CLIPModel'], [key]: precision };
  for (const part of ['text_config', 'vision_config']) {
    const inner = result[part];
    if (typeof inner !== 'object' || inner === null) continue;
    const named = ['dtype', 'torch_dtype'].filter((name) => name in inner);
    result[part] = { ...inner, ...Object.fromEntries(named.map((name) => [name, precision])) };
  }
  // A path on the machine that saved the base says nothing here.
  delete result['_name_or_path'];
  return `${JSON.stringify(result, null, 2)}\n`;
}
