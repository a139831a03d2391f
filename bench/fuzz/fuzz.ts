import { mutated, randomOf } from './mutate';
import { everyParser, type Parser } from './parsers';

/** Every parser, fed with files that were changed at random: it reads them, or ends in an error of its own, soon. */

/** Longest that a parser may take for an input, in milliseconds. */
const patience = 2000;

export interface Failure {
  readonly parser: string;
  /** Number of the input, which with the seed makes it again. */
  readonly input: number;
  readonly what: string;
}

export interface FuzzResult {
  readonly inputs: number;
  readonly seed: number;
  readonly parsers: number;
  readonly refused: number;
  /** Milliseconds of the slowest input. */
  readonly slowest: number;
  readonly failures: readonly Failure[];
}

export async function fuzz(inputs: number, seed: number): Promise<FuzzResult> {
  const parsers = await everyParser();
  for (const parser of parsers) await holdsSound(parser);
  const failures: Failure[] = [];
  let [refused, slowest] = [0, 0];
  for (let input = 0; input < inputs; input++) {
    const parser = parsers[input % parsers.length]!;
    const random = randomOf(seed * 1_000_003 + input);
    const file = mutated(parser.sound[random(parser.sound.length)] ?? new Uint8Array(), random);
    const began = performance.now();
    try {
      await withinPatience(parser.parse(file));
    } catch (error) {
      if (parser.mayThrow(error)) refused++;
      else failures.push({ parser: parser.name, input, what: told(error) });
    }
    const took = performance.now() - began;
    slowest = Math.max(slowest, took);
    if (took >= patience) failures.push({ parser: parser.name, input, what: `took ${Math.round(took)} ms` });
  }
  return { inputs, seed, parsers: parsers.length, refused, slowest: Math.round(slowest), failures };
}

/** Waits for a parser, but not for ever: what never comes to an end has been told by its time. */
async function withinPatience(work: unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
  try {
    await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is changed has to be sound at first, or the changes would reach nothing. Of pictures cut short there are sound beginnings too. */
async function holdsSound({ name, sound, parse, mayThrow }: Parser): Promise<void> {
  try {
    await parse(new Uint8Array(sound[0] ?? []));
  } catch (error) {
    throw new Error(`The sound input of “${name}” is refused (${mayThrow(error) ? 'in words' : 'untyped'}).`, {
      cause: error,
    });
  }
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const at = error.stack?.split('\n').find((line) => line.includes('/src/')) ?? '';
  return `${error.constructor.name}: ${error.message} ${at.trim()}`;
}
