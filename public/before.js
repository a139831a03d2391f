// What has to be done before anything else of the page. A file of its own, since the page runs no inline script.

// Before the first paint, so that a chosen theme never flashes in the other one.
try {
  const theme = localStorage.getItem('vernier-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme stands.
}

// The content security policy allows no code that is made of text. Schemas of zod would try as soon as they are made, and fall back.
globalThis.__zod_globalConfig = { jitless: true };
