import { z } from 'zod';

/** What an operation does to the mesh: doors use it for HTTP verbs, CSRF checks and dry runs. */
export type Effect = 'read' | 'write';

export interface HttpBinding {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v1`, with `:name` parameters that are fields of the input. */
  path: string;
}

/**
 * One thing the mesh can do, described once and bound to many doors (REST, CLI, MCP, jobs).
 * `run` follows five beats: read, decide, judge, write, answer.
 */
export interface Operation<Context, Input extends z.ZodType, Output extends z.ZodType> {
  /** `noun.verb`, for example `subscription.approve`. */
  name: string;
  /** One sentence for the API reference and for agents. */
  summary: string;
  effect: Effect;
  http: HttpBinding;
  /** `anyone` needs no caller; every other operation needs a valid token with this scope. */
  scope: 'anyone' | 'read' | 'query' | 'write' | 'admin';
  input: Input;
  output: Output;
  run(context: Context, input: z.output<Input>): Promise<z.output<Output>>;
}

/** Any operation, for lists and doors that do not care about the types inside. */
export type AnyOperation<Context> = Operation<Context, any, any>;

/** Infers the types of one operation, and closes its input. */
export function defineOperation<Context>() {
  return <Input extends z.ZodType, Output extends z.ZodType>(
    operation: Operation<Context, Input, Output>,
  ): Operation<Context, Input, Output> => ({ ...operation, input: closed(operation.input) });
}

/**
 * Refuses keys it does not know, unless the input says that it takes any: whoever misspells `columns` of an
 * approval must not give all of them.
 */
function closed<Input extends z.ZodType>(input: Input): Input {
  const isOpen = !(input instanceof z.ZodObject) || input.def.catchall !== undefined;
  return isOpen ? input : (input.strict() as unknown as Input);
}
