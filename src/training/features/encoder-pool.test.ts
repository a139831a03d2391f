import { expect, test, vi } from 'vitest';
import type { Encoder } from './encoder';
import { EncoderPool } from './encoder-pool';

function encoder() {
  const dispose = vi.fn(() => Promise.resolve());
  return { made: { dispose } as Partial<Encoder> as Encoder, dispose };
}

/** Work that goes on until it is told to end. */
function lasting() {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { work: () => ended, end: () => end() };
}

const nothing = (): Promise<void> => Promise.resolve();

test('an encoder is made once and lent again', async () => {
  const pool = new EncoderPool(2);
  const make = vi.fn(() => Promise.resolve(encoder().made));
  const first = await pool.use('a', make, (lent) => Promise.resolve(lent));
  expect(await pool.use('a', make, (lent) => Promise.resolve(lent))).toBe(first);
  expect(make).toHaveBeenCalledOnce();
});

test('clearing frees what is unused at once, and what is in use with its last user', async () => {
  const pool = new EncoderPool(2);
  const [idle, busy] = [encoder(), encoder()];
  await pool.use('idle', () => Promise.resolve(idle.made), nothing);
  const [one, two] = [lasting(), lasting()];
  const uses = [one, two].map(({ work }) => pool.use('busy', () => Promise.resolve(busy.made), work));
  await pool.clear();
  expect(idle.dispose).toHaveBeenCalledOnce();
  expect(busy.dispose).not.toHaveBeenCalled();
  one.end();
  await uses[0];
  expect(busy.dispose).not.toHaveBeenCalled();
  two.end();
  await uses[1];
  expect(busy.dispose).toHaveBeenCalledOnce();
});

test('what makes an encoder may clear the pool', async () => {
  const pool = new EncoderPool(2);
  const { made, dispose } = encoder();
  const make = async (): Promise<Encoder> => {
    await pool.clear();
    return made;
  };
  expect(await pool.use('a', make, () => Promise.resolve('done'))).toBe('done');
  expect(dispose).toHaveBeenCalledOnce();
  expect(pool.has('a')).toBe(false);
});

test('the encoders used last stay, and one in use is not taken away for another', async () => {
  const pool = new EncoderPool(2);
  const encoders = { a: encoder(), b: encoder(), c: encoder() };
  const use = (key: keyof typeof encoders, work = nothing) =>
    pool.use(key, () => Promise.resolve(encoders[key].made), work);
  const { work, end } = lasting();
  const using = use('a', work);
  await use('b');
  await use('c');
  expect(pool.has('a')).toBe(false);
  expect(encoders.a.dispose).not.toHaveBeenCalled();
  end();
  await using;
  expect(encoders.a.dispose).toHaveBeenCalledOnce();
  await use('b');
  expect(encoders.b.dispose).not.toHaveBeenCalled();
});

test('one that could not be made is tried again', async () => {
  const pool = new EncoderPool(2);
  await expect(pool.use('a', () => Promise.reject(new Error('no room')), nothing)).rejects.toThrow('no room');
  expect(
    await pool.use(
      'a',
      () => Promise.resolve(encoder().made),
      () => Promise.resolve(1),
    ),
  ).toBe(1);
});
