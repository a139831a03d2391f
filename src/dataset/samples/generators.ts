/** The samples that are drawn when they are asked for. */
export const generatorIds = ['shapes', 'questions', 'counts', 'reviews'] as const;
export type GeneratorId = (typeof generatorIds)[number];
