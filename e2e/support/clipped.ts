import type { Page } from '@playwright/test';

/**
 * Words that a page does not show whole: cut off without a `title` that says them, lying under an icon of the same control, or reaching out of it.
 * What can be scrolled to, as in a wide table, is not cut off.
 */
export function clippedWords(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    const shown = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      // What is for screen readers alone is a pixel large.
      return width > 2 && height > 2 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };
    const reachesOut = (rects: readonly DOMRect[], box: DOMRect): boolean =>
      rects.some(
        ({ left, right, top, bottom }) =>
          left < box.left - 1 || right > box.right + 1 || top < box.top - 2 || bottom > box.bottom + 2,
      );
    const overlap = (a: DOMRect, b: DOMRect): boolean =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    const iconsOf = (element: Element): readonly DOMRect[] =>
      [...element.querySelectorAll('svg')].map((icon) => icon.getBoundingClientRect());

    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const words = node.textContent?.trim() ?? '';
      const parent = node.parentElement;
      if (words === '' || parent === null || parent.closest('script, style, svg, option') !== null || !shown(parent))
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
      let [cut, told] = [false, false];
      for (let at: Element | null = parent; at !== null && at !== document.body; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        told ||= at.getAttribute('title')?.includes(words) === true;
        if (/auto|scroll/.test(`${overflowX} ${overflowY}`)) break;
        cut ||= /hidden|clip/.test(overflowX) && reachesOut(rects, at.getBoundingClientRect());
      }
      if (cut && !told) found.add(`cut off: “${words}”`);
      const control = parent.closest('button, a, [role="radio"], [role="tab"], [role="menuitem"]');
      if (control === null || cut) continue;
      if (iconsOf(control).some((icon) => rects.some((rect) => overlap(rect, icon))))
        found.add(`under an icon: “${words}”`);
      if (reachesOut(rects, control.getBoundingClientRect())) found.add(`out of its control: “${words}”`);
    }

    for (const field of document.querySelectorAll('input:not([type="checkbox"], [type="file"]), textarea')) {
      if (!shown(field)) continue;
      const { paddingLeft, paddingRight } = getComputedStyle(field);
      const box = field.getBoundingClientRect();
      const width = box.width - parseFloat(paddingLeft) - parseFloat(paddingRight);
      const words = new DOMRect(box.left + parseFloat(paddingLeft), box.top, width, box.height);
      if (field.parentElement !== null && iconsOf(field.parentElement).some((icon) => overlap(words, icon)))
        found.add(`under an icon: the words of ${field.outerHTML.slice(0, 200)}`);
    }
    return [...found];
  });
}
