/** Tokens of user agents with what they are called, those first that others imitate. */
const browsers = [
  [/Firefox\/(\d+)/, 'Firefox'],
  [/Edg\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+)(?:\.\d+)* Safari/, 'Safari'],
] as const;

/** A browser's name and major version by its user agent, such as `Chrome 140`; the user agent itself where that tells neither. */
export function browserVersion(userAgent: string): string {
  for (const [pattern, name] of browsers) {
    const [, major] = pattern.exec(userAgent) ?? [];
    if (major !== undefined) return `${name} ${major}`;
  }
  return userAgent;
}
