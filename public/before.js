// What has to be done before anything else of the page. A file of its own, since the page runs no inline script.

// Before the first paint, so that a chosen theme never flashes in the other one.
try {
  const theme = localStorage.getItem('vernier-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme stands.
}
