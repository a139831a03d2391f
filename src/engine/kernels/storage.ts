import type { Kernel } from './kernel';

/** How floats lie in a storage buffer. Kernels compute in f32 either way. */
export type FloatStorage = 'f32' | 'f16';

/** Bytes of one element. */
export const floatBytes: Readonly<Record<FloatStorage, number>> = { f32: 4, f16: 2 };

/** A binding that a kernel declares, as `makeKernel` writes it. */
const declaration =
  /^@group\(0\) @binding\((\d+)\) var<storage, (?:read|read_write)> (\w+): array<(f32|vec4<f32>)((?:, \d+)?)>;$/gm;

/** A float binding whose elements are stored as `stored` and computed with as `used`. */
interface NarrowBinding {
  readonly name: string;
  readonly stored: string;
  readonly used: string;
}

/**
 * The same kernel on bindings of which some hold f16: every load of such a binding is widened and every store narrowed, so that arithmetic
 * and sums stay in f32. Kernels are written once, for f32. Stores round to nearest or towards zero, as the adapter does; what lies beyond
 * ±65,504 becomes infinite or the largest f16.
 *
 * @param storage of each binding, in order; only arrays of `f32` and `vec4<f32>` can hold f16, the others must say f32
 * @throws where a binding cannot hold f16, or the kernel uses one otherwise than by reading or assigning whole elements
 */
export function withStorage(kernel: Kernel, storage: readonly FloatStorage[]): Kernel {
  const wanted = storage.flatMap((kind, binding) => (kind === 'f16' ? [binding] : []));
  if (wanted.length === 0) return kernel;
  const narrow = new Map<string, NarrowBinding>();
  const found = new Set<number>();
  const declared = kernel.code.replace(declaration, (line, index: string, name: string, type: string) => {
    if (storage[Number(index)] !== 'f16') return line;
    const stored = type.replace('f32', 'f16');
    narrow.set(name, { name, stored, used: type });
    found.add(Number(index));
    // The declaration must not look like a use of the binding below.
    return line.replace(`${name}: array<${type}`, `${name}: array<${stored}`);
  });
  const missing = wanted.find((binding) => !found.has(binding));
  if (missing !== undefined) throw new Error(`Binding ${missing} of ${kernel.label} cannot hold f16.`);
  const bodyStart = declared.indexOf('\n\n') + 2;
  const body = new AccessRewriter(narrow, kernel.label).rewrite(declared.slice(bodyStart));
  return {
    ...kernel,
    label: `${kernel.label} f16:${wanted.join()}`,
    code: `enable f16;\n${declared.slice(0, bodyStart)}${body}`,
  };
}

/** Puts conversions around the accesses of some bindings. */
class AccessRewriter {
  private readonly use: RegExp;

  constructor(
    private readonly bindings: ReadonlyMap<string, NarrowBinding>,
    private readonly label: string,
  ) {
    // Members and swizzles (`lane.y`) are no uses.
    // eslint-disable-next-line no-restricted-syntax -- The names are identifiers that the kernels' own sources declare.
    this.use = new RegExp(`(?<![\\w.])(?:${[...bindings.keys()].join('|')})\\b`, 'g');
  }

  rewrite(code: string): string {
    let out = '';
    let at = 0;
    for (;;) {
      this.use.lastIndex = at;
      const match = this.use.exec(code);
      if (match === null) return out + code.slice(at);
      const binding = this.bindings.get(match[0]);
      const open = match.index + match[0].length;
      if (binding === undefined || code[open] !== '[') {
        throw new Error(`${this.label} uses ${match[0]} otherwise than by element, so it cannot hold f16.`);
      }
      const close = matchingBracket(code, open);
      const element = `${match[0]}[${this.rewrite(code.slice(open + 1, close))}]`;
      out += code.slice(at, match.index);
      const assignment = /^ ([-+*]?)= /.exec(code.slice(close + 1));
      if (assignment === null) {
        if (/^\.\w+ [-+*]?= /.test(code.slice(close + 1))) {
          throw new Error(`${this.label} assigns parts of elements of ${match[0]}, so it cannot hold f16.`);
        }
        out += `${binding.used}(${element})`;
        at = close + 1;
      } else {
        const end = code.indexOf(';', close);
        const value = this.rewrite(code.slice(close + 1 + assignment[0].length, end));
        const operator = assignment[1] ?? '';
        const total = operator === '' ? value : `${binding.used}(${element}) ${operator} (${value})`;
        out += `${element} = ${binding.stored}(${total})`;
        at = end;
      }
    }
  }
}

function matchingBracket(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '[') depth++;
    if (code[at] === ']' && --depth === 0) return at;
  }
  throw new Error('A bracket is never closed.');
}
