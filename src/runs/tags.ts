/** Longest tag, and most tags of a run. */
const [longest, most] = [40, 20];

/** Tags as they are typed, with commas between: trimmed, each once. */
export function tagsIn(typed: string): string[] {
  const tags = typed.split(',').map((tag) => tag.trim().slice(0, longest));
  return [...new Set(tags.filter((tag) => tag !== ''))].slice(0, most);
}

/** As they are typed. */
export function tagsText(tags: readonly string[]): string {
  return tags.join(', ');
}
