import { z } from 'zod';
import { fineTuningMethod } from './fine-tuning';

/** How weights are changed, each way with the fields that concern it alone. The first is the one that a recipe starts with. */
export const methodSchemas = [fineTuningMethod] as const;

export const methodSchema = z.discriminatedUnion('type', methodSchemas);
