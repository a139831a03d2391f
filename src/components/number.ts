/** Numbers in fields: reading what people type, writing them short, and stepping. */

/** Whether steps are differences, factors by the series 1, 2, 3, 5, 7, 10, or factors of two. */
export type NumberScale = 'linear' | 'log' | 'binary';

/** Reads `3e-4`, `1 200`, `1,200` and, with a comma that cannot group thousands, `0,05`; null when it is no number. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(/[\s\u00a0\u202f_]/g, '');
  const grouped = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(plain);
  const dotted = grouped ? plain.replaceAll(',', '') : plain.replace(/^([+-]?\d*),(\d+(e[+-]?\d+)?)$/i, '$1.$2');
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(dotted)) return null;
  const value = Number(dotted);
  return Number.isFinite(value) ? value : null;
}

/** Shortest form that reads back as the same number: `0.0003` becomes `3e-4`, and on a logarithmic scale `0.003` becomes `3e-3`. */
export function showNumber(value: number, scale: NumberScale = 'linear'): string {
  if (value !== 0 && (Math.abs(value) < (scale === 'log' ? 1e-2 : 1e-3) || Math.abs(value) >= 1e7)) {
    return value.toExponential().replace('e+', 'e');
  }
  return String(value);
}

/** The number where it is written without an exponent, which ARIA does not know; undefined for others, such as 1e-8. */
export function ariaNumber(value: number): number | undefined {
  return String(value).includes('e') ? undefined : value;
}

const mantissas = [1, 2, 3, 5, 7] as const;

/** The next number up (`direction` 1) or down (-1) of the series 1, 2, 3, 5, 7, 10, 20, …; from 0 up to `smallest`. */
export function stepLog(value: number, direction: 1 | -1, smallest: number): number {
  if (value <= 0) return direction === 1 ? smallest : value;
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  const series = [exponent - 1, exponent, exponent + 1].flatMap((power) =>
    mantissas.map((mantissa) => Number(`${mantissa}e${power}`)),
  );
  const slack = value * 1e-6;
  const next =
    direction === 1
      ? series.find((candidate) => candidate > value + slack)
      : series.findLast((candidate) => candidate < value - slack);
  return next ?? value;
}

/** The next power of two up or down. */
export function stepBinary(value: number, direction: 1 | -1): number {
  const exponent = Math.log2(Math.max(1, value));
  return 2 ** (direction === 1 ? Math.floor(exponent + 1e-9) + 1 : Math.ceil(exponent - 1e-9) - 1);
}

/** One step up or down on a linear scale, free of binary dust such as 0.30000000000000004. */
export function stepLinear(value: number, direction: 1 | -1, step: number): number {
  return Number((value + direction * step).toPrecision(12));
}
