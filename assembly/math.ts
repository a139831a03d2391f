/** Bytes of a float32. */
export const F32: usize = 4;

/** `a · b + c`, in one rounding where the engine has fused arithmetic (relaxed SIMD). */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function horizontalSum(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** 1.5 · 2²³. */
const ROUNDING: f32 = 12582912.0;

/**
 * eˣ, within two units in the last place; 0 below -87, capped at 88. Cody–Waite reduction to |r| ≤ ln 2 / 2, then the degree-5 polynomial of
 * the Cephes library (S. Moshier).
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const small = f32x4.lt(x, f32x4.splat(-87.0));
  // pmin and pmax are one instruction each, and let NaN through.
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.0)), f32x4.splat(88.0));
  // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the lowest bits.
  const rounded = madd(clamped, f32x4.splat(1.44269504088896341), f32x4.splat(ROUNDING));
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDING));
  let r = madd(n, f32x4.splat(-0.693359375), clamped);
  r = madd(n, f32x4.splat(2.12194440e-4), r);
  let p = f32x4.splat(1.9875691500e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  p = madd(f32x4.mul(p, r), r, f32x4.add(r, f32x4.splat(1.0)));
  const power = i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(p, power), small);
}

/** `1 / (1 + e⁻ˣ)`. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1.0);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** erf, within 1.5e-7, given `e^(-x²)`: formula 7.1.26 of Abramowitz and Stegun. */
// @ts-ignore: decorator
@inline
export function erf4(x: v128, power: v128): v128 {
  const one = f32x4.splat(1.0);
  const magnitude = f32x4.abs(x);
  const t = f32x4.div(one, madd(magnitude, f32x4.splat(0.3275911), one));
  let p = f32x4.splat(1.061405429);
  p = madd(p, t, f32x4.splat(-1.453152027));
  p = madd(p, t, f32x4.splat(1.421413741));
  p = madd(p, t, f32x4.splat(-0.284496736));
  p = madd(p, t, f32x4.splat(0.254829592));
  const tail = f32x4.mul(f32x4.mul(p, t), power);
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.or(f32x4.sub(one, tail), sign);
}

/** The last `count` (1 to 3) floats of a row as a vector, the rest 0: loads never pass the end of a tensor. */
// @ts-ignore: decorator
@inline
export function loadTail(from: usize, count: i32): v128 {
  let x = v128.load32_zero(from);
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(from, F32));
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(from, 2 * F32));
  return x;
}

// @ts-ignore: decorator
@inline
export function storeTail(to: usize, x: v128, count: i32): void {
  store<f32>(to, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), F32);
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 2 * F32);
}

/** Stores 1 to 4 floats. */
// @ts-ignore: decorator
@inline
export function storeUpTo4(to: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(to, x);
  else if (count > 0) storeTail(to, x, count);
}
