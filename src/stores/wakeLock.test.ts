import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepAwake } from './wakeLock';

const release = vi.fn(() => Promise.resolve());
const request = vi.fn(() => Promise.resolve({ release }));
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A document whose visibility the test changes. */
class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
  show(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}
let page: FakeDocument;

beforeEach(() => {
  page = new FakeDocument();
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
