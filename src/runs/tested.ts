import type { TestResult } from '../protocol/training';
import type { Run } from './types';

/** What a run scores on its test pictures; null while the weights that it keeps were not measured. */
export function testResult({ test, weightsStep }: Pick<Run, 'test' | 'weightsStep'>): TestResult | null {
  return test !== null && test.step === weightsStep ? test : null;
}
