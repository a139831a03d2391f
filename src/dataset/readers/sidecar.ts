import { reasonOf } from '../errors';
import { readWithin } from '../limits';
import { decodeText } from '../text';
import { captionsIn } from './cells';
import type { Findings, Listing, Reader, Statement } from './reader';
import type { Target } from './target';
import { isObject } from './rows';

/** Fields of a JSON file beside a picture that are taken for its caption, the first that says something. */
const captionFields = ['caption', 'captions', 'text', 'prompt', 'description', 'title', 'alt', 'alt_text'];
/** A line of YOLO's label files: a class number and at least four coordinates. */
const boxes = /^\d+(\s+-?\d+(\.\d+)?){4,}$/;

/**
 * A caption file for each picture (`cat.png`, `cat.txt`), as kohya's and other trainers' tools write. Each line that is not empty is a
 * caption. Where there is no text, or an empty one, a JSON file of the same name serves (`{"caption": …}`, as img2dataset writes).
 */
export const sidecarReader: Reader = {
  *read(listing, findings) {
    const files = new CaptionFiles(listing, findings);
    yield {
      format: 'Pictures with caption files (.txt or .caption)',
      name: 'the caption files',
      columns: [],
      get note() {
        return files.note();
      },
      statements: statementsOf(listing, findings, files),
    };
  },
};

async function* statementsOf(
  { pairs: { texts, jsons } }: Listing,
  findings: Findings,
  files: CaptionFiles,
): AsyncGenerator<readonly Statement[]> {
  const captioned = new Set<Target>();
  for (const [target, paths] of texts) {
    const captions = (await Promise.all(paths.map((path) => files.linesOf(path)))).flat();
    if (captions.length > 0) captioned.add(target);
    yield [{ target, captions, split: null }];
  }
  for (const [target, paths] of jsons) {
    // With captions from a text, the JSON tells where the picture is from.
    if (captioned.has(target)) for (const path of paths) findings.used.add(path);
    else {
      const captions = (await Promise.all(paths.map((path) => files.fieldsOf(path)))).flat();
      if (captions.length > 0) yield [{ target, captions, split: null }];
    }
  }
}

/** Reads caption files, each once, however many pictures it serves. */
class CaptionFiles {
  private readonly read = new Map<string, Promise<string[]>>();
  private severalLines = 0;
  private example = '';

  constructor(
    private readonly listing: Listing,
    private readonly findings: Findings,
  ) {}

  linesOf(path: string): Promise<string[]> {
    return this.once(path, (text) => {
      this.findings.used.add(path);
      const lines = captionLines(text);
      if (lines.length > 0 && lines.every((line) => boxes.test(line))) {
        throw new Error('It holds boxes or outlines in numbers, no caption.');
      }
      if (lines.length > 1) {
        this.severalLines += 1;
        this.example ||= path;
      }
      return lines;
    });
  }

  /** Captions in the fields of a JSON object; none for any other document, which is left to other readers. */
  fieldsOf(path: string): Promise<string[]> {
    return this.once(path, (text) => {
      const document = parsed(text);
      if (!isObject(document)) return [];
      const captions = captionFields.map((name) => captionsIn(document[name])).find(({ length }) => length > 0) ?? [];
      if (captions.length > 0) this.findings.used.add(path);
      return captions;
    });
  }

  /** Tells that lines became captions of their own, which is not what every tool means by them. */
  note(): string | null {
    if (this.severalLines === 0) return null;
    const files =
      this.severalLines === 1
        ? `${this.example} holds several lines`
        : `${this.severalLines.toLocaleString('en')} caption files hold several lines (such as ${this.example})`;
    return `${files}: each line became a caption. Put a caption on one line where it should be a single one.`;
  }

  private once(path: string, captionsOf: (text: string) => string[]): Promise<string[]> {
    const known = this.read.get(path);
    if (known !== undefined) return known;
    const reading = this.open(path)
      .then(captionsOf)
      .catch((error: unknown) => {
        this.findings.used.add(path);
        this.findings.rejected.push({ path, reason: reasonOf(error) });
        return [];
      });
    this.read.set(path, reading);
    return reading;
  }

  private async open(path: string): Promise<string> {
    const file = this.listing.others.get(path);
    return file === undefined ? '' : decodeText(await readWithin(file, 'captions'), path);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The captions of a text: one a line. A line that ends in a comma or hyphen goes on in the next, so such a text is a single caption. */
function captionLines(text: string): string[] {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const wrapped = lines.slice(0, -1).some((line) => /[,;–-]$/.test(line));
  return wrapped ? [lines.join(' ')] : lines;
}
