/** How numbers, sizes and times are written everywhere in the studio. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `1,590`. */
export function count(value: number): string {
  return whole.format(value);
}

/** A written number with a true minus sign instead of a hyphen: `−0.12`. */
export function withMinus(number: string): string {
  return number.replace(/^-/, '−');
}

/** `1 picture`, `1,590 pictures`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** `1st`, `22nd`, `1,013th`. */
export function ordinal(value: number): string {
  return `${count(value)}${endings[ordinals.select(value)] ?? 'th'}`;
}

/** `950`, `12 k`, `5.4 M`, `1.2 B`. */
export function short(value: number): string {
  for (const [size, letter] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= size) return `${threeDigits(value / size)} ${letter}`;
  }
  return threeDigits(value);
}

/** `412 B`, `2.1 MB`; thousands, as disks and downloads are sold. */
export function bytes(value: number): string {
  for (const [size, unit] of [
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ] as const) {
    if (value >= size) return `${threeDigits(value / size)} ${unit}`;
  }
  return `${Math.round(value)} B`;
}

/** A share of 0…1 as `49.7 %`. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** `9 s`, `2 min 27 s`, `1 h 05 min`. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${String(total % 60).padStart(2, '0')} s`;
  return `${Math.floor(total / 3600)} h ${String(Math.floor((total % 3600) / 60)).padStart(2, '0')} min`;
}

/** Three significant digits at most, without an exponent: `198`, `3.1`, `0.84`. */
export function threeDigits(value: number): string {
  if (value >= 100) return whole.format(value);
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}
