import { MeshError, type Problem } from '../base/errors.ts';
import { suggest } from '../contracts/suggest.ts';
import type { Bindings } from '../engines/engine.ts';
import { type Parameter, valueFault } from './read-parameter.ts';

/** Values given for a run, by the parameter's name; null is SQL's NULL. */
export type GivenValues = Record<string, string | null>;

/**
 * What a pipeline's parameters stand for in a run: the values given, else the defaults.
 * @throws MeshError `pipeline.parameter-invalid` with every value that is unknown or of another type
 */
export function bindValues(parameters: Parameter[], given: GivenValues): Bindings {
  const problems: Problem[] = Object.keys(given)
    .filter((name) => !parameters.some((one) => one.name === name))
    .map((name) => ({ message: unknown(name, parameters) }));
  const bindings: Bindings = {};
  for (const { name, type, fallback } of parameters) {
    const value = Object.hasOwn(given, name) ? given[name]! : fallback;
    const fault = valueFault(type, value);
    if (fault !== null) problems.push({ message: `${name}: ${fault}` });
    bindings[name] = { type, value };
  }
  if (problems.length > 0) throw new MeshError('pipeline.parameter-invalid', { problems });
  return bindings;
}

function unknown(name: string, parameters: Parameter[]): string {
  const names = parameters.map((one) => one.name);
  if (names.length === 0) return `there is no parameter ${name}: the pipeline has none`;
  const near = suggest(name, names);
  return `there is no parameter ${name}; ${near === null ? `there are ${names.join(', ')}` : `did you mean ${near}?`}`;
}

/** The values alone, as a run keeps them. */
export function valuesOf(bindings: Bindings): GivenValues {
  return Object.fromEntries(Object.entries(bindings).map(([name, { value }]) => [name, value]));
}
