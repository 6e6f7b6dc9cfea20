/** A semantic version (semver.org 2.0.0) of a contract or product; build metadata is not allowed. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** Dot-separated identifiers after the hyphen; empty for a release. */
  preRelease: string[];
}

const NUMBER = '(0|[1-9]\\d{0,8})';
const VERSION = new RegExp(`^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`);

/** `1.2.3`, `v1.2.3` and `1.2.3-beta.1`; null for anything else. */
export function parseVersion(text: string): Version | null {
  const match = VERSION.exec(text);
  if (!match) return null;
  const [, major, minor, patch, preRelease = ''] = match;
  const identifiers = preRelease === '' ? [] : preRelease.split('.');
  // semver §9: numeric identifiers have no leading zeros.
  if (identifiers.some((identifier) => /^0\d+$/.test(identifier))) return null;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), preRelease: identifiers };
}

export function printVersion({ major, minor, patch, preRelease }: Version): string {
  return `${major}.${minor}.${patch}${preRelease.length > 0 ? `-${preRelease.join('.')}` : ''}`;
}

/** Negative, 0 or positive by the precedence of semver §11. */
export function compareVersions(left: Version, right: Version): number {
  return (
    left.major - right.major ||
    left.minor - right.minor ||
    left.patch - right.patch ||
    comparePreReleases(left.preRelease, right.preRelease)
  );
}

function comparePreReleases(left: string[], right: string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const order = compareIdentifiers(left[index]!, right[index]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifiers(left: string, right: string): number {
  const [leftNumber, rightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (leftNumber && rightNumber) return left.length - right.length || compareText(left, right);
  if (leftNumber !== rightNumber) return leftNumber ? -1 : 1;
  return compareText(left, right);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
