import { pieceBytes } from '../storage/pieces';

/** SHA-256 as 64 hexadecimal digits. */
export async function sha256(bytes: Uint8Array | string): Promise<string> {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : unshared(bytes);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** SHA-256 of each piece of 32 MiB, the last one shorter; none of no bytes. Digesting something large at once would copy it. */
export async function sha256Pieces(bytes: Uint8Array): Promise<readonly string[]> {
  const digests: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) digests.push(await sha256(bytes.subarray(at, at + pieceBytes)));
  return digests;
}

/** Shared memory cannot be digested in place. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}
