/** A sentence with a place for a label, in parts. */
interface Template {
  readonly before: string;
  readonly after: string;
}

const place = /\{(label)?\}/;

/** Whether a template has a place for the label, `{label}` or `{}`. */
export function hasPlace(template: string): boolean {
  return place.test(template);
}

/** A template without a place for the label is put before it. */
function partsOf(template: string): Template {
  const found = place.exec(template);
  if (found === null) return { before: `${template.trim()} `, after: '' };
  return { before: template.slice(0, found.index), after: template.slice(found.index + found[0].length) };
}

/** The label in the template's place; a label that is the whole sentence already is left as it is, so that no template is applied twice. */
export function fillTemplate(template: string, label: string): string {
  const { before, after } = partsOf(template);
  return isFilled(template, label) ? label.trim() : `${before}${label.trim()}${after}`.trim();
}

/** The bare words of a label that was given as the template's whole sentence; any other label as it is. */
export function bareLabel(template: string, label: string): string {
  if (!isFilled(template, label)) return label.trim();
  const { before, after } = variants(template).find((variant) => fits(variant, label)) ?? partsOf(template);
  return label
    .trim()
    .slice(before.trimStart().length, label.trim().length - after.trimEnd().length)
    .trim();
}

/**
 * The sentence of a label, spelled as a caption where there is one: captions may say “an owl” where the template says “a”, and a model knows best
 * what it was trained on.
 *
 * @param isCaption whether a sentence is a caption of the data
 */
export function sentenceOf(template: string, label: string, isCaption: (sentence: string) => boolean): string {
  const sentence = fillTemplate(template, label);
  if (isCaption(sentence) || isFilled(template, label)) return sentence;
  const spelled = variants(template).map(({ before, after }) => `${before}${label.trim()}${after}`.trim());
  return spelled.find(isCaption) ?? sentence;
}

function isFilled(template: string, label: string): boolean {
  return variants(template).some((variant) => fits(variant, label));
}

/** The template with either article before the label. */
function variants(template: string): readonly Template[] {
  const { before, after } = partsOf(template);
  const article = /(^|\s)an?\s$/i.exec(before);
  if (article === null) return [{ before, after }];
  const stem = before.slice(0, article.index) + (article[1] ?? '');
  return ['a ', 'an '].map((word) => ({ before: `${stem}${word}`, after }));
}

/** A template of a bare label fits nothing: every label would be filled already. */
function fits({ before, after }: Template, label: string): boolean {
  const [start, end, text] = [before.trimStart(), after.trimEnd(), label.trim()].map((part) => part.toLowerCase());
  if (start === undefined || end === undefined || text === undefined || start + end === '') return false;
  return text.length > start.length + end.length && text.startsWith(start) && text.endsWith(end);
}
