import type { Question } from '../questions';
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
const asking = new Set(['human', 'user']);

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
  const speakers = speakersIn(turns);
  if (speakers === null) return null;
  const answer = turns.find((_, i) => answering.has(speakers[i] ?? ''));
  return captionsIn(answer ?? null);
}

/** Who speaks, turn by turn; null where it is no conversation. */
function speakersIn(turns: readonly unknown[]): readonly string[] | null {
  const speakers = turns.flatMap((turn) => {
    if (typeof turn !== 'object' || turn === null) return [];
    const { from, role } = turn as { from?: unknown; role?: unknown };
    const speaker = from ?? role;
    return typeof speaker === 'string' ? [speaker.toLowerCase()] : [];
  });
  return speakers.length === 0 || speakers.length < turns.length ? null : speakers;
}

/** What is asked and answered in a conversation about a picture, turn by turn; the place that the picture has among the words is left out. */
export function turnsIn(cell: unknown): readonly Question[] {
  const speakers = Array.isArray(cell) ? speakersIn(cell) : null;
  if (!Array.isArray(cell) || speakers === null) return [];
  const said = cell.map((turn) => captionsIn(turn).join(' '));
  return speakers.flatMap((speaker, i): Question[] => {
    const question = said[i]?.replace(/<(image|img|video)>/gi, ' ').trim() ?? '';
    const isAsked = asking.has(speaker) && question !== '' && answering.has(speakers[i + 1] ?? '');
    return isAsked ? [{ question, answers: [said[i + 1] ?? ''] }] : [];
  });
}

/**
 * The name of a picture in a cell: a string, a number (an id), an object with a path as the Hub's viewer writes it, or a list of one of these. Empty
 * when there is none.
 */
export function pictureIn(cell: unknown): string {
  if (Array.isArray(cell)) return cell.length === 1 ? pictureIn(cell[0]) : '';
  if (typeof cell === 'string') return cell.trim();
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'object' && cell !== null) {
    const { path, file_name: fileName, src } = cell as { path?: unknown; file_name?: unknown; src?: unknown };
    const name = path ?? fileName ?? src;
    return typeof name === 'string' ? name.trim() : '';
  }
  return '';
}
