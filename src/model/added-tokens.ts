import { z } from 'zod';
import { ModelError } from './errors';
import { addedTokenSchema, parseTokenizerFile, vocabularySchema, type AddedTokenFlags } from './tokenizer-definition';

/** A token that is found in a caption as it is, before and instead of the vocabulary's pieces. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Found only where no letter or digit touches it. */
  readonly singleWord: boolean;
  /** Takes the white space before it along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Looked for after the caption was normalised (lowered, for CLIP), and normalised itself. */
  readonly normalized: boolean;
  /** Plays a part of its own and is no word of a text. */
  readonly special: boolean;
  /** That lists it. */
  readonly file: string;
}

/** Where the tokens of a model may be listed, as parsed files; undefined or null where there is none. */
export interface AddedTokenFiles {
  /** `added_tokens` of tokenizer.json */
  readonly tokenizer?: readonly (AddedTokenFlags & { readonly id: number })[] | null | undefined;
  /** tokenizer_config.json, whose `added_tokens_decoder` has them by id */
  readonly tokenizerConfig?: unknown;
  /** added_tokens.json, from content to id */
  readonly addedTokens?: unknown;
  /** Tokens with a part to play (start, end, …). Those that nothing else lists come last. */
  readonly special: readonly AddedTokenFlags[];
}

/** Of all added tokens together: far more than any published tokenizer has. */
const mostLetters = 300_000;

const decoderSchema = z.looseObject({
  added_tokens_decoder: z.record(z.string().regex(/^\d{1,15}$/), addedTokenSchema).nullish(),
});

/**
 * Collects the added tokens of a model. Where files say different things of one token, the one that Transformers 5 would ask counts:
 * tokenizer_config.json before tokenizer.json before added_tokens.json. A token that the vocabulary has keeps its id there; others follow behind
 * the vocabulary in the order of their ids.
 *
 * @param vocabulary ids by content
 * @throws ModelError `invalid` for ids that contradict each other
 */
export function collectAddedTokens(
  files: AddedTokenFiles,
  vocabulary: ReadonlyMap<string, number>,
): readonly AddedToken[] {
  const config = files.tokenizerConfig ?? {};
  const decoder = parseTokenizerFile(decoderSchema, config, 'tokenizer_config.json').added_tokens_decoder ?? {};
  const plain = parseTokenizerFile(vocabularySchema, files.addedTokens ?? {}, 'added_tokens.json');
  const special = new Set(files.special.map(({ content }) => content));
  const listed: readonly (AddedTokenFlags & { readonly id: number | null; readonly file: string })[] = [
    ...Object.entries(decoder).map(([id, token]) => ({ ...token, id: Number(id), file: 'tokenizer_config.json' })),
    ...(files.tokenizer ?? []).map((token) => ({ ...token, file: 'tokenizer.json' })),
    ...Object.entries(plain).map(([content, id]) => ({ content, id, file: 'added_tokens.json' })),
    ...files.special.map((token) => ({ ...token, id: null, special: true, file: 'tokenizer_config.json' })),
  ];
  const tokens = new Map<string, AddedToken>();
  const unnumbered = new Map<string, number>();
  const beyond: { readonly id: number; readonly content: string; readonly file: string }[] = [];
  let letters = 0;
  for (const { content, file, ...token } of listed) {
    if (content === '' || tokens.has(content)) continue;
    letters += content.length;
    if (letters > mostLetters) {
      throw new ModelError(
        'too-large',
        `${file} adds more tokens than any CLIP has. Check that it belongs to the model.`,
        {
          file,
        },
      );
    }
    const known = vocabulary.get(content);
    if (known === undefined && token.id === null) unnumbered.set(content, unnumbered.size);
    else if (known === undefined) beyond.push({ id: token.id ?? 0, content, file });
    tokens.set(content, {
      id: known ?? token.id ?? 0,
      content,
      file,
      singleWord: token.single_word ?? false,
      lstrip: token.lstrip ?? false,
      rstrip: token.rstrip ?? false,
      normalized: token.normalized ?? !(token.special ?? special.has(content)),
      special: special.has(content) || token.special === true,
    });
  }
  beyond.sort((a, b) => a.id - b.id);
  const { size } = vocabulary;
  for (const [at, { id, content, file }] of beyond.entries()) {
    if (id !== size + at) {
      throw new ModelError(
        'invalid',
        `${file} gives the added token "${content}" the id ${id}, but ${size + at} is the next one behind the vocabulary of ${size} tokens, which Transformers would give it. Save the tokenizer again with Transformers.`,
        { file },
      );
    }
  }
  const next = size + beyond.length;
  return [...tokens.values()].map((token) => {
    const at = unnumbered.get(token.content);
    return at === undefined ? token : { ...token, id: next + at };
  });
}

/** A stretch of a caption: text still to be split, or an added token. */
export type Stretch = { readonly text: string } | { readonly id: number };

interface Node {
  readonly next: Map<string, Node>;
  token: AddedToken | null;
}

const wordBefore = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const wordAfter = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const space = /\p{White_Space}/u;

/** Finds added tokens in text as `AddedVocabulary::find_matches` of the `tokenizers` library does: from the left, the longest first. */
export class AddedTokenFinder {
  private readonly root: Node = { next: new Map(), token: null };

  /** @param contents what each token looks like in the text that is searched */
  constructor(contents: Iterable<readonly [content: string, token: AddedToken]>) {
    for (const [content, token] of contents) {
      let node = this.root;
      for (let at = 0; at < content.length; at++) {
        const letter = content.charAt(at);
        let next = node.next.get(letter);
        if (next === undefined) node.next.set(letter, (next = { next: new Map(), token: null }));
        node = next;
      }
      if (content !== '') node.token ??= token;
    }
  }

  split(text: string): readonly Stretch[] {
    const stretches: Stretch[] = [];
    let done = 0;
    for (let at = 0; at < text.length;) {
      const found = this.longestAt(text, at);
      if (found === null) {
        at++;
        continue;
      }
      const { token, end } = found;
      const touched = wordBefore.test(text.slice(Math.max(0, at - 2), at)) || wordAfter.test(text.slice(end, end + 2));
      if (!(token.singleWord && touched)) {
        const from = token.lstrip ? Math.max(done, spaceBefore(text, at)) : at;
        if (from > done) stretches.push({ text: text.slice(done, from) });
        stretches.push({ id: token.id });
        done = token.rstrip ? spaceAfter(text, end) : end;
      }
      at = end;
    }
    if (done < text.length) stretches.push({ text: text.slice(done) });
    return stretches;
  }

  private longestAt(text: string, start: number): { readonly token: AddedToken; readonly end: number } | null {
    let found: { readonly token: AddedToken; readonly end: number } | null = null;
    let node: Node | undefined = this.root;
    for (let at = start; at < text.length; at++) {
      node = node.next.get(text.charAt(at));
      if (node === undefined) break;
      if (node.token !== null) found = { token: node.token, end: at + 1 };
    }
    return found;
  }
}

function spaceBefore(text: string, end: number): number {
  let at = end;
  while (at > 0 && space.test(text.charAt(at - 1))) at--;
  return at;
}

function spaceAfter(text: string, start: number): number {
  let at = start;
  while (at < text.length && space.test(text.charAt(at))) at++;
  return at;
}
