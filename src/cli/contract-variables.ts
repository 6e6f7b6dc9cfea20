import { VARIABLE_NAME, type Variables } from '../contracts/variables.ts';
import type { Options, Shell } from './command.ts';
import { wrong } from './postgres-place.ts';

/** `--variable NAME=VALUE`; `--variable NAME` takes this one from the environment, and nothing else comes from there. */
export function variablesOf(options: Options, { config }: Shell): Variables {
  const given = options['variable'];
  return new Map(
    (Array.isArray(given) ? given : []).map((text): [string, string] => {
      const [name = '', ...value] = text.split('=');
      if (!VARIABLE_NAME.test(name)) throw wrong(`--variable ${name} is no name of a variable`);
      if (value.length > 0) return [name, value.join('=')];
      const found = config.variable(name);
      if (found !== undefined) return [name, found];
      throw wrong(`--variable ${name}: the environment has no such variable`);
    }),
  );
}
