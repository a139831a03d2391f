import { applyEdits, getNodeValue, modify, parseTree, type Edit, type Node } from 'jsonc-parser';

/**
 * Changes to the text of a JSON file that leave everything else in it as it is spelled. `JSON.parse` and `JSON.stringify` would turn `1.0` into
 * `1`, round large integers and resolve escapes, and readers such as Transformers tell `1.0` from `1`.
 */
export type JsonEdit = Edit;

/** A value in its text. */
export type JsonNode = Node;

/** A member of a JSON object. A key that occurs twice gives two; readers take the last. */
export interface JsonMember {
  readonly key: string;
  readonly value: JsonNode;
}

/** The tree of a JSON text whose soundness was checked before. */
export function jsonTree(text: string): JsonNode {
  const root = parseTree(text);
  if (root === undefined) throw new SyntaxError('The text holds no JSON.');
  return root;
}

/** The members of an object; none for any other value. */
export function members(node: JsonNode): JsonMember[] {
  if (node.type !== 'object') return [];
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [{ key: String(key.value), value }],
  );
}

/** The characters of a value as they stand in the text. */
export function spelling(text: string, { offset, length }: JsonNode): string {
  return text.slice(offset, offset + length);
}

/** Puts other JSON in the place of a value; nothing to do where it says the same already. */
export function replacement(node: JsonNode, json: string): JsonEdit[] {
  const { offset, length } = node;
  return JSON.stringify(getNodeValue(node)) === json ? [] : [{ offset, length, content: json }];
}

export function withEdits(text: string, edits: readonly JsonEdit[]): string {
  return applyEdits(text, [...edits]);
}

const formattingOptions = { insertSpaces: true, tabSize: 2 };

/** Sets a member of the object at the top; a new one goes behind another where that is there, else to the end. */
export function withMember(text: string, key: string, value: unknown, behind?: string): string {
  const present = members(jsonTree(text)).filter((member) => member.key === key);
  if (present.length > 0) {
    return withEdits(
      text,
      present.flatMap((member) => replacement(member.value, JSON.stringify(value))),
    );
  }
  const getInsertionIndex = (keys: string[]): number =>
    behind !== undefined && keys.includes(behind) ? keys.indexOf(behind) + 1 : keys.length;
  return withEdits(text, modify(text, [key], value, { formattingOptions, getInsertionIndex }));
}

/** Takes a member out of the object at the top, or out of one within it; nothing to do where there is none. */
export function withoutMember(text: string, key: string, within?: string): string {
  const root = jsonTree(text);
  const object = within === undefined ? root : members(root).find((member) => member.key === within)?.value;
  if (object === undefined || !members(object).some((member) => member.key === key)) return text;
  return withEdits(text, modify(text, within === undefined ? [key] : [within, key], undefined, { formattingOptions }));
}
