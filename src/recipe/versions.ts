/** Fields of stored or received data, none of which is believed yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Brings a record of one version to the next. Later code never changes a migration: records of its version may lie anywhere. */
export type Migration = (fields: Fields) => Fields;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The version that a record says it has; 1 where it says none, as in the time before there were versions. */
export function versionOf({ version }: Fields): number {
  return Number.isInteger(version) && (version as number) >= 1 ? (version as number) : 1;
}

/**
 * Brings a record up to the version of today.
 *
 * @param chain its first migration takes version 1 to 2, and so on. A record of a later version than the chain knows is left as it is.
 */
export function upgraded(fields: Fields, chain: readonly Migration[]): Fields {
  return chain.slice(versionOf(fields) - 1).reduce((record, migration) => migration(record), fields);
}
