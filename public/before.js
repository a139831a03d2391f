// What has to be done before anything else of the page. A file of its own, since the page runs no inline script.

/**
 * True inside of a page of another origin, which could lay anything over the studio. A policy in the page itself cannot refuse that, and some hosts send
 * no headers; `ancestorOrigins` is not known to every browser, so that each page around is asked, which none of another origin allows.
 */
function isInForeignFrame() {
  try {
    for (let view = window; view !== view.parent; view = view.parent) {
      if (view.parent.location.origin !== location.origin) return true;
    }
    return false;
  } catch {
    return true;
  }
}

/** Instead of the studio: a sentence, and the way to a tab of its own. */
function refuseFrame() {
  // From here on no script of the page is run, nothing is asked for and no worker starts.
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "script-src 'none'; worker-src 'none'; connect-src 'none'";
  document.head.append(policy);
  document.addEventListener('DOMContentLoaded', () => {
    const link = document.createElement('a');
    link.href = location.href;
    link.target = '_blank';
    link.rel = 'noopener';
    link.textContent = 'Open Vernier in its own tab';
    const words = document.createElement('p');
    words.append(
      'Vernier does not start inside of a page of another site, which could disguise what you press. ',
      link,
      ` (${location.origin}${location.pathname}).`,
    );
    const main = document.createElement('main');
    main.style.cssText = 'max-width: 34em; margin: 3em auto; padding: 0 1.5em';
    main.append(words);
    document.body.replaceChildren(main);
  });
}

if (isInForeignFrame()) refuseFrame();

// Before the first paint, so that a chosen theme never flashes in the other one.
try {
  const theme = localStorage.getItem('vernier-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme stands.
}

// The content security policy allows no code that is made of text. Schemas of zod would try as soon as they are made, and fall back.
globalThis.__zod_globalConfig = { jitless: true };
