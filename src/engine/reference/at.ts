/** Element of an array that is known to be long enough; NaN, which no comparison survives, where it is not. */
export function at(array: ArrayLike<number>, index: number): number {
  return array[index] ?? NaN;
}
