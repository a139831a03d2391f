import { describe, expect, it } from 'vitest';
import { withHeaders } from './headers';

const headers = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };

describe('headers that a host may not have sent', () => {
  it('are given to a response that stays as it is otherwise', async () => {
    const before = new Response('words', {
      status: 206,
      headers: { 'Content-Type': 'text/plain', 'Referrer-Policy': 'unsafe-url' },
    });
    const response = withHeaders(before, headers);
    expect(response.status).toBe(206);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/plain',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(await response.text()).toBe('words');
  });

  it('are not given to what cannot be read', () => {
    const opaque = Object.defineProperty(new Response(), 'type', { value: 'opaque' });
    expect(withHeaders(opaque, headers)).toBe(opaque);
  });
});
