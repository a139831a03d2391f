import type { SvgElement } from './markup';

/** Ids that a text of properties points to: `url(#a)` names `a`. Addresses that lead out of the document are not followed by any browser. */
export function urlTargets(text: string): string[] {
  const targets: string[] = [];
  let end = 0;
  for (let at = text.indexOf('url('); at >= 0; at = text.indexOf('url(', end)) {
    end = text.indexOf(')', at);
    if (end < 0) break;
    const address = text
      .slice(at + 4, end)
      .trim()
      .replace(/^["']|["']$/g, '');
    if (address.startsWith('#')) targets.push(address.slice(1));
  }
  return targets;
}

/** The id that an element's `href` points to within the document; null where it points nowhere. */
export function hrefTarget(element: SvgElement): string | null {
  const href = element.attributes.get('href')?.trim() ?? '';
  return href.startsWith('#') ? href.slice(1) : null;
}

/** The elements below an element, without its texts. */
export function childElements(element: SvgElement): readonly SvgElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** All text directly in an element. */
export function textOf(element: SvgElement): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}
