/**
 * A response as it is, with headers that its host may not have sent: those that let its page share memory between threads, and those that a page cannot
 * give itself (`vite.config.ts`). What is opaque cannot be read and stays.
 */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  if (response.type === 'opaque' || response.type === 'opaqueredirect') return response;
  const { status, statusText } = response;
  const changed = new Headers(response.headers);
  for (const [name, value] of Object.entries(headers)) changed.set(name, value);
  return new Response(response.body, { status, statusText, headers: changed });
}
