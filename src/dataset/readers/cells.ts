import { readList } from './list-literal';

/** Fields that hold the words in an object of a caption list: Karpathy's `raw`, the Hub's `text`, and others. */
const wordFields = [
  'raw',
  'text',
  'caption',
  'captions',
  'prompt',
  'description',
  'title',
  'sentence',
  'alt',
  'value',
  'content',
] as const;
/** Who speaks in a conversation, by LLaVA (`from`) and the chat formats (`role`); the caption is what the model answers. */
const answering = new Set(['gpt', 'assistant', 'model', 'chatgpt']);

/**
 * Captions in a cell: a string, a list as JSON or Python writes it, a list of strings or of objects (several captions of one picture), or a
 * conversation about the picture, of which the first answer is the caption.
 */
export function captionsIn(cell: unknown): string[] {
  if (typeof cell === 'string') return readList(cell) ?? [cell];
  if (typeof cell === 'number') return [String(cell)];
  if (Array.isArray(cell)) return conversationIn(cell) ?? cell.flatMap(captionsIn);
  if (typeof cell === 'object' && cell !== null) {
    const fields = cell as Readonly<Record<string, unknown>>;
    const field = wordFields.find((name) => fields[name] !== undefined && fields[name] !== null);
    return field === undefined ? [] : captionsIn(fields[field]);
  }
  return [];
}

function conversationIn(turns: readonly unknown[]): string[] | null {
  const speakers = turns.map((turn) => {
    if (typeof turn !== 'object' || turn === null) return null;
    const { from, role } = turn as { from?: unknown; role?: unknown };
    const speaker = from ?? role;
    return typeof speaker === 'string' ? speaker : null;
  });
  if (speakers.length === 0 || speakers.includes(null)) return null;
  const answer = turns.find((_, i) => answering.has(speakers[i]?.toLowerCase() ?? ''));
  return captionsIn(answer ?? null);
}

/** The name of a picture in a cell: a string, a number (an id), or an object with a path as the Hub's viewer writes it. Empty when there is none. */
export function pictureIn(cell: unknown): string {
  if (typeof cell === 'string') return cell.trim();
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'object' && cell !== null) {
    const { path, file_name: fileName, src } = cell as { path?: unknown; file_name?: unknown; src?: unknown };
    const name = path ?? fileName ?? src;
    return typeof name === 'string' ? name.trim() : '';
  }
  return '';
}
