import { contentHash } from '../base/canonical.ts';

/** What a version of a product or contract promises, as one hash: its status may change without a new version. */
export function versionHash(document: object): string {
  const { status: _status, ...promise } = document as { status?: unknown };
  return contentHash(promise);
}
