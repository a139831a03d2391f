/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * A name that a person gave, in one line and without what YAML readers refuse: control characters and halves of characters. Without what turns the
 * direction of all that follows, too: a name reads as it is.
 */
export function plainText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\ufffe\uffff]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The same within Markdown, where it must not turn into markup. */
export function inline(text: string): string {
  return plainText(text).replace(/[\\`*[\]<>]/g, '\\$&');
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
