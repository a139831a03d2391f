/** One of these tells Transformers how pictures become numbers; where both are there, the first counts. */
export const imageProcessorFiles = ['processor_config.json', 'preprocessor_config.json'] as const;

/**
 * `preprocessor_config.json` for a base that has none: what opening it has assumed, CLIP's usual processing at the model's size. Transformers
 * loads no processor without such a file.
 * @param side of the model's pictures in pixels
 */
export function usualPreprocessor(side: number): string {
  const config = {
    crop_size: { height: side, width: side },
    do_center_crop: true,
    do_convert_rgb: true,
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_processor_type: 'CLIPImageProcessor',
    image_std: [0.26862954, 0.26130258, 0.27577711],
    resample: 3,
    rescale_factor: 1 / 255,
    size: { shortest_edge: side },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
