/** A number as shown: the digits large, the unit (or power of ten) small behind them. */
export interface Shown {
  readonly value: string;
  readonly unit: string;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const missing: Shown = { value: '–', unit: '' };

/** A count with thousands separated: `12,480`. */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? whole.format(value) : '–';
}

/** About three significant digits, without an exponent between 0.001 and a million. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    const { value: mantissa, unit } = showSmall(value);
    return `${mantissa}${unit}`;
  }
  return size >= 100 ? whole.format(value) : value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 4);
}

/** A share in 0…1 as per cent with one digit behind the point. */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : '–';
}

/** A plain number for a chart's headline. */
export function showNumber(value: number): Shown {
  return Number.isFinite(value) ? { value: formatNumber(value), unit: '' } : missing;
}

/** A value that is already in per cent. */
export function showPercent(value: number): Shown {
  return Number.isFinite(value) ? { value: value.toFixed(1), unit: ' %' } : missing;
}

/** A small number as mantissa and power of ten: `1.9e-4`. */
export function showSmall(value: number): Shown {
  if (!Number.isFinite(value)) return missing;
  if (value === 0) return { value: '0', unit: '' };
  const [mantissa = '', exponent = ''] = value.toExponential(1).split('e');
  return { value: mantissa.replace(/\.0$/, ''), unit: `e${exponent.replace('+', '')}` };
}

/** A stretch of time for people: `48 s`, `2 min 27 s`, `1 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  const minutes = Math.round(rounded / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A point of time on an axis: `0:48`, `2:27`, `1:05:00`. */
export function formatClock(seconds: number): string {
  const rounded = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor(rounded / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rounded % 60)}` : `${minutes}:${two(rounded % 60)}`;
}
