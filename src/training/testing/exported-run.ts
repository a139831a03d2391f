import papaparse from 'papaparse';
import { expect } from 'vitest';
import { openArchive } from '../../export/archive';
import { runArchive } from '../../export/run/archive';
import type { StepMetrics } from '../../protocol/training';
import type { Run } from '../../runs/types';

/** A run as its export holds it, to be compared with another one. */

export interface Trained {
  readonly run: Run;
  readonly rows: readonly StepMetrics[];
}

export interface Exported {
  /** @throws Error where there is no file of that name */
  readonly textOf: (name: string) => Promise<string>;
}

/** Exports a run, and opens what came of it. */
export async function exportedRun({ run, rows }: Trained): Promise<Exported> {
  const { zip } = await runArchive({ run, rows, sweep: null, examples: null });
  const archive = await openArchive(zip);
  return {
    async textOf(name) {
      const entry = archive.entry(name);
      if (entry === null) throw new Error(`no ${name}`);
      return new TextDecoder().decode(await entry.read());
    },
  };
}

/** Rows of a table of an exported run, without what depends on the clock. */
export async function timeless(exported: Exported, name: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const { data } = papaparse.parse<Record<string, string>>(await exported.textOf(name), {
    header: true,
    skipEmptyLines: true,
  });
  return data.map(({ seconds, images_per_second, ...row }) => {
    expect(Number(seconds)).toBeGreaterThanOrEqual(0);
    expect(images_per_second).not.toBe('');
    return row;
  });
}
