import { parseArgs } from 'node:util';
import { fuzz } from './fuzz';

/** `npm run fuzz -- --inputs N --seed S`: prints one line of JSON, and ends with 1 where a parser failed. */

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--inputs N] [--seed S], both whole numbers');
  process.exit(1);
}
const result = await fuzz(inputs, seed);
console.log(JSON.stringify({ ...result, failures: result.failures.slice(0, 40), failed: result.failures.length }));
process.exit(result.failures.length > 0 ? 1 : 0);
