/**
 * ROUGE-L as COCO's evaluation has it (`rouge.py` of pycocoevalcap): an F-measure with β = 1.2 of the longest common subsequence, with the best
 * precision and the best recall over all references, which may be those of two.
 *
 * @param references at least one; each as words by `cocoTokens`
 * @returns 0…1
 */
export function rougeL(references: readonly (readonly string[])[], said: readonly string[]): number {
  const beta = 1.2;
  // Text is split at each space there, so that nothing at all is one empty word.
  const words = (own: readonly string[]): readonly string[] => (own.length === 0 ? [''] : own);
  const common = references.map((reference) => {
    const length = commonSubsequence(words(reference), words(said));
    return { precision: length / words(said).length, recall: length / words(reference).length };
  });
  const precision = Math.max(...common.map((each) => each.precision));
  const recall = Math.max(...common.map((each) => each.recall));
  if (precision === 0 || recall === 0) return 0;
  return ((1 + beta ** 2) * precision * recall) / (recall + beta ** 2 * precision);
}

/** Length of the longest common subsequence. */
function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  let above = new Int32Array(b.length + 1);
  for (const word of a) {
    const row = new Int32Array(b.length + 1);
    b.forEach((other, index) => {
      row[index + 1] = word === other ? above[index]! + 1 : Math.max(above[index + 1]!, row[index]!);
    });
    above = row;
  }
  return above[b.length]!;
}
