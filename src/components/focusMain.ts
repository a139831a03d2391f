/** Moves the focus to the page beside the rail, so that the next Tab reaches its first control. Scrolls nothing. */
export function focusMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true });
}
