import { afterEach, expect, test, vi } from 'vitest';

vi.mock('./client', () => ({ client: { request: vi.fn(() => Promise.resolve(null)) } }));
const { askToNotify, notifyOfEnd, useManners } = await import('./manners');

/** A browser that shows notifications as far as the user lets it. */
function browser(permission: NotificationPermission, visibilityState: DocumentVisibilityState) {
  const shown = vi.fn();
  class Shown {
    static readonly permission = permission;
    static readonly requestPermission = () => Promise.resolve(permission);
    constructor(...said: readonly unknown[]) {
      shown(...said);
    }
  }
  vi.stubGlobal('Notification', Shown);
  vi.stubGlobal('document', { visibilityState });
  return shown;
}

afterEach(() => {
  vi.unstubAllGlobals();
  useManners.setState({ notify: false });
});

test('the end of a run is told where that is wanted and nobody sees the page', async () => {
  const shown = browser('granted', 'hidden');
  notifyOfEnd('amber-otter', 'Finished after 80 steps.');
  expect(shown).not.toHaveBeenCalled();
  await askToNotify();
  notifyOfEnd('amber-otter', 'Finished after 80 steps.');
  expect(shown).toHaveBeenCalledExactlyOnceWith('amber-otter', {
    body: 'Finished after 80 steps.',
    tag: 'amber-otter',
  });
});

test.each([
  ['whoever sees the page', 'granted', 'visible'],
  ['whoever has said no', 'denied', 'hidden'],
] as const)('not to %s', async (_, permission, visibility) => {
  const shown = browser(permission, visibility);
  useManners.setState({ notify: true });
  notifyOfEnd('amber-otter', 'Finished.');
  expect(shown).not.toHaveBeenCalled();
  useManners.setState({ notify: false });
  await askToNotify();
  expect(useManners.getState().notify).toBe(permission === 'granted');
});
