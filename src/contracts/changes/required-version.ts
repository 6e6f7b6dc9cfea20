import { compareVersions, parseVersion, printVersion, type Version } from '../version.ts';
import type { ContractChange } from './change.ts';

/** Which number of a semantic version has to rise. */
export type Bump = 'major' | 'minor' | 'patch';

/** What the differences ask for; null where there is none. */
export function requiredBump(changes: readonly Pick<ContractChange, 'class'>[]): Bump | null {
  if (changes.some((change) => change.class === 'breaking')) return 'major';
  if (changes.some((change) => change.class === 'compatible')) return 'minor';
  return changes.length > 0 ? 'patch' : null;
}

export interface VersionVerdict {
  required: Bump | null;
  /** False also where one of the versions is no semantic version: nobody can tell then. */
  enough: boolean;
  /** The lowest version that would be enough; null where the old one cannot be read. */
  least: string | null;
}

/**
 * Whether a new version number says what the differences mean. Version 0 is no exception (a subscriber of 0.3
 * relies on it as well), a pre-release is one: until its release anything may change (semver §9).
 */
export function judgeVersion(
  before: string,
  after: string,
  changes: readonly Pick<ContractChange, 'class'>[],
): VersionVerdict {
  const required = requiredBump(changes);
  const [was, is] = [parseVersion(before), parseVersion(after)];
  const least = was ? leastVersion(was, required) : null;
  if (!was || !is || !least) return { required, enough: required === null && before === after, least: null };
  const enough = required === null ? compareVersions(is, was) >= 0 : isEnough({ was, is, required });
  return { required, enough, least: printVersion(least) };
}

function isEnough({ was, is, required }: { was: Version; is: Version; required: Bump }): boolean {
  if (compareVersions(is, was) <= 0) return false;
  if (was.preRelease.length > 0 || is.major > was.major) return true;
  if (required === 'major') return false;
  return required === 'patch' || is.minor > was.minor;
}

function leastVersion(was: Version, required: Bump | null): Version {
  const { major, minor, patch } = was;
  const release = { major, minor, patch, preRelease: [] };
  if (required === null) return was;
  if (was.preRelease.length > 0) return release;
  if (required === 'major') return { ...release, major: major + 1, minor: 0, patch: 0 };
  return required === 'minor' ? { ...release, minor: minor + 1, patch: 0 } : { ...release, patch: patch + 1 };
}
