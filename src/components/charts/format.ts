import { count } from '../format';

/** A number as a chart's headline shows it: the digits large, the unit (or power of ten) small behind them. */
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
  if (size >= 100) return { value: count(value), unit: '' };
  return { value: value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 4), unit: '' };
}

/** A value that is already in per cent. */
export function percentHeadline(value: number): Headline {
  return Number.isFinite(value) ? { value: value.toFixed(1), unit: ' %' } : missing;
}

/** A small number as mantissa and power of ten: `1.9e-4`. */
export function powerHeadline(value: number): Headline {
  if (!Number.isFinite(value)) return missing;
  if (value === 0) return { value: '0', unit: '' };
  const [mantissa = '', exponent = ''] = value.toExponential(1).split('e');
  return { value: mantissa.replace(/\.0$/, ''), unit: `e${exponent.replace('+', '')}` };
}

/** The headline as one text. */
export function headlineText({ value, unit }: Headline): string {
  return value + unit;
}

/** A value beside an axis: short, exact for round numbers. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential().replace('e+', 'e');
  if (size >= 10_000) return `${String(value / 1000)}k`;
  return size >= 1000 ? count(value) : String(value);
}

/** A point of time on an axis: `0:48`, `2:27`, `1:05:00`. */
export function clock(seconds: number): string {
  const rounded = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor(rounded / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rounded % 60)}` : `${minutes}:${two(rounded % 60)}`;
}
