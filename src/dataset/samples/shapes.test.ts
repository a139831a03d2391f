import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../listing';
import { seededRandom } from './drawing';
import { describeScene, factsOf, randomScenes } from './scenes';
import { shapesFiles } from './shapes';

describe('the generated sample', () => {
  it('has one caption a picture and no caption twice, seen from either thing', () => {
    const scenes = randomScenes(1200, seededRandom(3));
    expect(new Set(scenes.map(describeScene)).size).toBe(1200);
    const mirrored = {
      above: 'below',
      below: 'above',
      'to the left of': 'to the right of',
      'to the right of': 'to the left of',
    } as const;
    const captions = new Set(scenes.map(describeScene));
    for (const { first, relation, second } of scenes) {
      expect(captions).not.toContain(describeScene({ first: second, relation: mirrored[relation], second: first }));
    }
  });

  it('is the same for the same seed, and another for another', async () => {
    const read = async (seed: number) => Promise.all(shapesFiles({ count: 5, seed }).map((file) => file.read()));
    expect(await read(1)).toEqual(await read(1));
    expect(await read(1)).not.toEqual(await read(2));
  });

  it('lists every picture in metadata.jsonl', async () => {
    const [metadata, ...pictures] = shapesFiles({ count: 12 });
    const lines = new TextDecoder()
      .decode(await metadata!.read())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file_name: string; text: string });
    expect(lines.map((line) => line.file_name)).toEqual(pictures.map((picture) => picture.path));
    expect(lines[0]!.text).toMatch(
      /^a (small|large) \w+ \w+ (above|below|to the (left|right) of) a (small|large) \w+ \w+$/,
    );
  });

  it('tells of each picture what can be seen, whichever thing is named first', async () => {
    const things = {
      circle: { size: 'small', colour: 'red', form: 'circle' },
      star: { size: 'large', colour: 'blue', form: 'star' },
    } as const;
    const seen = [
      factsOf({ first: things.circle, relation: 'above', second: things.star }),
      factsOf({ first: things.star, relation: 'below', second: things.circle }),
      factsOf({ first: things.star, relation: 'to the right of', second: things.circle }),
    ];
    expect(seen).toEqual(seen.map(() => ({ label: 'circle', large: 1 })));
    const files = await readDataset(shapesFiles({ count: 300 }));
    expect(files.columns).toEqual([
      { name: 'label', role: 'label' },
      { name: 'large_count', role: 'number' },
    ]);
    expect(new Set(files.pictures.map(({ fields }) => fields['label'])).size).toBe(6);
    expect(new Set(files.pictures.map(({ fields }) => fields['large_count']))).toEqual(new Set([0, 1, 2]));
  });

  it('draws both things in their colours, the first on its side', async () => {
    const files = shapesFiles({ count: 40, side: 64 });
    const lines = new TextDecoder().decode(await files[0]!.read()).split('\n');
    const at = lines.findIndex((line) => /a large red \w+ (above|to the left of) a large (green|blue)/.test(line));
    const fallback = at >= 0 ? at : 0;
    const { width, height, data } = decode(await files[fallback + 1]!.read());
    expect([width, height, data.length]).toEqual([64, 64, 64 * 64 * 4]);
    const dark = Array.from({ length: 64 * 64 }, (_, i) => i).filter(
      (i) => Math.min(data[i * 4]!, data[i * 4 + 1]!, data[i * 4 + 2]!) < 150,
    );
    expect(dark.length).toBeGreaterThan(60);
    expect(dark.length).toBeLessThan(64 * 64 * 0.4);
  });
});
