/** Most labels that are compared at once. */
export const maxLabels = 100;

/** Labels as typed: separated by lines or commas, each once, blanks left out. */
export function parseLabels(text: string): readonly string[] {
  const labels = text.split(/[\n,;]/).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))].slice(0, maxLabels);
}

/** Why a template cannot be used, or null. */
export function templateProblem(template: string): string | null {
  return /\{(label)?\}/.test(template) ? null : 'The template needs {label} where the label goes.';
}
