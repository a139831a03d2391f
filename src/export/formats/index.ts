import { huggingface } from './huggingface/description';
import { openclip } from './openclip/description';

/** Every export format, as the page shows it; the first is the usual one. How each is written stands in `writing.ts`, which the compiler asks for. */
export const formatDescriptions = [huggingface, openclip] as const;

export type FormatId = (typeof formatDescriptions)[number]['id'];
