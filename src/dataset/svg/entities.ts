/** Longest text of an entity. Older exports of Illustrator keep the addresses of namespaces in them. */
const maxLength = 500;
/** Most entities of a document. */
const maxEntities = 200;

const declaration = '<!ENTITY';

/**
 * Entities of a document type that stand for a short plain text. All others (with markup, with references to other entities, from outside, for
 * use within the document type) are left out, so that referring to them is an error.
 * @param doctype what stands between `<!DOCTYPE` and its `>`
 */
export function plainEntities(doctype: string): ReadonlyMap<string, string> {
  const entities = new Map<string, string>();
  for (let at = doctype.indexOf(declaration); at >= 0; at = doctype.indexOf(declaration, at)) {
    const nameFrom = skipSpace(doctype, at + declaration.length);
    const nameTo = skipName(doctype, nameFrom);
    const quoteAt = skipSpace(doctype, nameTo);
    at = quoteAt;
    const quote = doctype[quoteAt];
    if (nameTo === nameFrom || (quote !== '"' && quote !== "'")) continue;
    const end = doctype.indexOf(quote, quoteAt + 1);
    if (end < 0) break;
    at = end;
    const name = doctype.slice(nameFrom, nameTo);
    const value = doctype.slice(quoteAt + 1, end);
    const isPlain = value.length <= maxLength && !/[&<%]/.test(value);
    // The first declaration of a name counts.
    if (isPlain && !entities.has(name) && entities.size < maxEntities) entities.set(name, value);
  }
  return entities;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? '?')) at += 1;
  return at;
}

function skipName(text: string, from: number): number {
  let at = from;
  while (/[\w.:-]/.test(text[at] ?? '')) at += 1;
  return at;
}
