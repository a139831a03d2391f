import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepAwake } from './wakeLock';

/** A lock as browsers give it: hiding the page releases it. */
class Lock {
  released = false;
  release(): Promise<void> {
    this.released = true;
    return release();
  }
}

const release = vi.fn(() => Promise.resolve());
const request = vi.fn(() => Promise.resolve(given(new Lock())));
let locks: Lock[] = [];
function given(lock: Lock): Lock {
  locks.push(lock);
  return lock;
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A document whose visibility the test changes. */
class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
  show(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    if (state === 'hidden') for (const lock of locks) lock.released = true;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}
let page: FakeDocument;

beforeEach(() => {
  page = new FakeDocument();
  locks = [];
  vi.clearAllMocks();
  vi.stubGlobal('document', page);
  vi.stubGlobal('navigator', { wakeLock: { request } });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('keepAwake', () => {
  it('holds the screen until it is ended', async () => {
    const end = keepAwake();
    await settled();
    expect(request).toHaveBeenCalledWith('screen');
    expect(release).not.toHaveBeenCalled();
    end();
    expect(release).toHaveBeenCalledOnce();
  });

  it('asks again when the page is shown again, and not while it is hidden', async () => {
    const end = keepAwake();
    await settled();
    page.show('hidden');
    page.show('visible');
    await settled();
    expect(request).toHaveBeenCalledTimes(2);
    end();
    page.show('visible');
    await settled();
    expect(request).toHaveBeenCalledTimes(2);
  });

  it('holds one lock however often the page is hidden and shown while the browser thinks', async () => {
    const answers: (() => void)[] = [];
    request.mockImplementation(() => new Promise((resolve) => answers.push(() => resolve(given(new Lock())))));
    const end = keepAwake();
    for (const state of ['hidden', 'visible', 'hidden', 'visible'] as const) page.show(state);
    while (answers.length > 0) {
      expect(answers).toHaveLength(1);
      answers.pop()?.();
      await settled();
      page.show('visible');
    }
    end();
    expect(locks.filter(({ released }) => !released)).toEqual([]);
    request.mockImplementation(() => Promise.resolve(given(new Lock())));
  });

  it('asks again where the browser refused because the page was hidden meanwhile', async () => {
    request.mockRejectedValueOnce(new DOMException('Hidden.', 'NotAllowedError'));
    const end = keepAwake();
    page.show('hidden');
    page.show('visible');
    await settled();
    expect(locks.filter(({ released }) => !released)).toHaveLength(1);
    end();
  });

  it('lets go of a lock that comes after the end', async () => {
    keepAwake()();
    await settled();
    expect(release).toHaveBeenCalledOnce();
  });

  it('does without where the browser refuses or knows none', async () => {
    request.mockRejectedValueOnce(new DOMException('No.', 'NotAllowedError'));
    keepAwake()();
    await settled();
    vi.stubGlobal('navigator', {});
    expect(() => keepAwake()()).not.toThrow();
  });
});
