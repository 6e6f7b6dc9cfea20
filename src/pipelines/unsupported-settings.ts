import type { Problem } from '../base/errors.ts';
import type { ReadSettings, SettingKey, SettingLine } from './pipeline-settings.ts';

/** Settings that are read and have no effect in this version: better refused than silently ignored. */
const UNSUPPORTED: readonly SettingKey[] = ['retries'];

/** A problem for every setting that this version does not act upon. */
export function unsupportedSettings({ lines }: ReadSettings, file: string): Problem[] {
  return lines.filter(isUnsupported).map(({ key, value, line, column }) => ({
    message: `\`${key}: ${value}\` is not supported yet: remove the line`,
    place: `${file}:${line}:${column}`,
  }));
}

function isUnsupported({ key, value }: SettingLine): boolean {
  if (key === 'when') return /^["']/.test(value);
  return UNSUPPORTED.includes(key);
}
