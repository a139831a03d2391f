import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { preProcessFile } from 'typescript';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

const sources = ['src', 'bench', 'scripts', 'e2e']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(root, folder, path)),
  )
  .filter((path) => /\.tsx?$/.test(path));

/** The file that a relative import means; null where it is none of these. */
function resolved(from: string, specifier: string): string | null {
  const path = join(dirname(from), specifier);
  const candidates = [path, `${path}.ts`, `${path}.tsx`, join(path, 'index.ts')];
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile()) ?? null;
}

const imports = new Map(
  sources.map((path): [string, readonly string[]] => {
    const { importedFiles } = preProcessFile(readFileSync(path, 'utf8'), true, true);
    const relatives = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
    return [path, relatives.flatMap((name) => resolved(path, name) ?? [])];
  }),
);

/** Files that import each other in a circle, each followed by what it imports; null where there is none. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): readonly string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return null;
    way.push(file);
    for (const imported of graph.get(file) ?? []) {
      const circle = visit(imported);
      if (circle !== null) return circle;
    }
    way.pop();
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const circle = visit(file);
    if (circle !== null) return circle;
  }
  return null;
}

it('finds a circle', () => {
  const graph = (entries: Record<string, string[]>) => circleIn(new Map(Object.entries(entries)));
  expect(graph({ a: ['b', 'c'], b: ['c'], c: [] })).toBeNull();
  expect(graph({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b', 'c', 'b']);
});

it('no file imports itself by way of others, types included: what two of them need lies in a third', () => {
  expect(imports.size).toBeGreaterThan(1000);
  expect(circleIn(imports)?.map((path) => relative(root, path)) ?? null).toBeNull();
});
