import { expect, it } from 'vitest';
import { nameOfPick } from './nameOfPick';

const named = (...paths: readonly string[]) =>
  nameOfPick(
    paths.map((path) => ({ path })),
    'pictures',
  );

it('takes the common folder or the one zip', () => {
  expect(named('red_shoes/1.png', 'red_shoes/x/2.png')).toBe('red shoes');
  expect(named('shoes.zip')).toBe('shoes');
  expect(named('1.png', '2.png')).toBe('pictures');
  expect(named('1.png')).toBe('pictures');
  expect(named()).toBe('pictures');
});
