import { count, withMinus } from '../format';

/** A number as a chart's headline shows it: the digits large, the unit small behind them. */
export interface Headline {
  readonly value: string;
  readonly unit: string;
}

const missing: Headline = { value: '–', unit: '' };

/** A plain number with about three significant digits. */
export function plainHeadline(value: number): Headline {
  if (!Number.isFinite(value)) return missing;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return powerHeadline(value);
  if (size >= 100) return { value: withMinus(count(value)), unit: '' };
  return { value: withMinus(value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 4)), unit: '' };
}

/** A value that is already in per cent. */
export function percentHeadline(value: number): Headline {
  return Number.isFinite(value) ? { value: withMinus(value.toFixed(1)), unit: ' %' } : missing;
}

/** A number of any size with two significant digits, with a power of ten where axes have one: `1.9e-4`, `0.013`. */
export function powerHeadline(value: number): Headline {
  return Number.isFinite(value) ? { value: tickText(Number(value.toPrecision(2))), unit: '' } : missing;
}

/** The headline as one text. */
export function headlineText({ value, unit }: Headline): string {
  return value + unit;
}

/** A value beside an axis: short, exact for round numbers, and small ones as the recipe writes them: `1e-3`, `7.5e-4`. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-2 || size >= 1e6)) return withMinus(value.toExponential().replace('e+', 'e'));
  if (size >= 10_000) return withMinus(`${value / 1000}k`);
  return withMinus(size >= 1000 ? count(value) : String(value));
}

/** A point of time on an axis: `0:48`, `2:27`, `1:05:00`. */
export function clock(seconds: number): string {
  const rounded = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor(rounded / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rounded % 60)}` : `${minutes}:${two(rounded % 60)}`;
}
