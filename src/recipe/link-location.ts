/** The part of an address that is a recipe link (`5.…`), from a location such as `/r/5.…`; null if it is none. */
export function linkInLocation(location: string): string | null {
  return /^#?\/?r\/(.+)$/s.exec(location)?.[1] ?? null;
}
