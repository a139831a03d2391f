const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const steps = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
  [Number.POSITIVE_INFINITY, 'year'],
] as const;

/** How long ago a moment was: `3 min. ago`, `yesterday`. Both in milliseconds since the epoch. */
export function timeAgo(moment: number, now: number): string {
  let amount = Math.max(0, (now - moment) / 1000);
  if (amount < 45) return 'just now';
  for (const [size, unit] of steps) {
    // Rounded first, so that 59.7 minutes become an hour and not "60 minutes".
    if (Math.round(amount) < size) return relative.format(-Math.round(amount), unit);
    amount /= size;
  }
  return '';
}
