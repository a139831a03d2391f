/**
 * McNemar's test in its exact form: of the samples on which two models differ, each is as likely to have been turned in either direction if the
 * models are equally good. Two-sided, by the binomial distribution of one half (`scipy.stats.binomtest(fixed, fixed + broken).pvalue`).
 *
 * @param fixed samples that only the second model gets right
 * @param broken samples that only the first one gets right
 */
export function mcnemar(fixed: number, broken: number): number {
  const total = fixed + broken;
  // ln of C(total, k) / 2^total, from k = 0 on.
  let logTerm = -total * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= Math.min(fixed, broken); k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(total - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * sum);
}
