import { MeshError } from '../base/errors.ts';
import type { Options } from './command.ts';

/** `--set weeks=4`. */
export function valuesOf(set: Options[string]): Record<string, string> {
  const pairs = Array.isArray(set) ? set : [];
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new MeshError('cli.set', { facts: { pair } });
      return [pair.slice(0, at).toLowerCase(), pair.slice(at + 1)];
    }),
  );
}
