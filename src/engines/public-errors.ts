import { MeshError, type Facts } from '../base/errors.ts';

/** What the text of an error must not show, and what the limits were. */
export interface ErrorContext {
  /** SQL of ours or the consumer's; the consumer's errors say less in the log too. */
  trusted: boolean;
  /** Paths and other private words of the task. */
  secrets: string[];
  memoryBytes: number;
}

/** Sentences we may show because they carry no value; DuckDB's own text around them stays inside. */
const SAFE_REASONS: [RegExp, string][] = [
  [/more than one row returned by a subquery/i, 'a subquery used as a value gave more than one row'],
  [/recursion|recursive/i, 'the recursion went too deep'],
  [/division by zero/i, 'a division by zero'],
  [/overflow|out of range/i, 'a number is out of the range of its type'],
  [/regular expression|regex/i, 'a regular expression is not valid'],
  [/strptime|time specifier|format specifier|strftime/i, 'a text does not fit the date format'],
  [/json/i, 'a text is not the JSON that was expected'],
  [/list|array|map/i, 'a list, array or map has not the length or keys that were expected'],
];

/** Types a conversion may name; any other word in that place could be a value. */
const TYPE_NAME =
  /\b(?:to|type) (U?INT(?:8|16|32|64|128)|U?(?:TINY|SMALL|BIG|HUGE)INT|INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BOOL(?:EAN)?|DATE|TIME|TIMESTAMP(?: WITH TIME ZONE)?|INTERVAL|UUID|BLOB|BIT)(?=[\s!.,]|$)/g;

/**
 * An error of DuckDB as one that may leave: its kind and a reason without paths, view texts or values of
 * rows. The text about names and types (binder) is kept: it can only name columns of the caller's views.
 */
export function publicError(error: unknown, context: ErrorContext): MeshError {
  if (error instanceof MeshError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const kind = /^([A-Za-z ]+?)(?: Error)?: /.exec(text)?.[1]?.toLowerCase() ?? '';
  const options = (reason?: string) => ({
    facts: (reason === undefined ? {} : { reason }) as Facts,
    detail: context.trusted ? text : `${kind}: ${reason ?? ''}`,
  });
  switch (kind) {
    case 'parser':
    case 'syntax':
    case 'binder':
    case 'catalog':
    case 'not implemented':
      return new MeshError('query.invalid', options(boundReason(text, context)));
    case 'conversion':
    case 'mismatch type':
    case 'out of range':
    case 'invalid input':
    case 'invalid type':
    case 'constraint':
      return new MeshError('query.failed', options(valueReason(kind, text)));
    case 'out of memory':
      return memoryError(text, context);
    case 'interrupt':
      return new MeshError('query.cancelled', options());
    default:
      return /bad_alloc|allocat/i.test(text)
        ? memoryError(text, context)
        : new MeshError('internal', { detail: text, cause: error });
  }
}

function memoryError(text: string, context: ErrorContext): MeshError {
  if (/temp_directory_size|temporary|offload/i.test(text) && /max_temp_directory_size/.test(text)) {
    return new MeshError('query.out-of-disk', { detail: text });
  }
  const limit = `${Math.round(context.memoryBytes / 1024 / 1024)} MB`;
  return new MeshError('query.out-of-memory', { facts: { limit }, detail: text });
}

function valueReason(kind: string, text: string): string {
  const line = stripQuoted(text.split('\n')[0] ?? '');
  const type = [...line.matchAll(TYPE_NAME)].at(-1)?.[1];
  if (kind === 'conversion' && type) return `a value could not be converted to ${type}`;
  const safe = SAFE_REASONS.find(([pattern]) => pattern.test(line));
  return safe?.[1] ?? 'a value does not fit the function or type it is used with';
}

/** Quoted parts may be values: they must not choose the sentence either. */
function stripQuoted(text: string): string {
  return text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '');
}

/** The first paragraph of a binder's text, without DuckDB's guesses at catalog names. */
function boundReason(text: string, context: ErrorContext): string {
  const body = text
    .replace(/^[A-Za-z ]+ Error: /, '')
    .replace(/\n\s*LINE \d+:[\s\S]*$/, '')
    .replace(/\s*Did you mean[\s\S]*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 400);
  const private_ = [...context.secrets, 'read_parquet', '.parquet', '://'];
  const leaks = private_.some((word) => word !== '' && body.toLowerCase().includes(word.toLowerCase()));
  return leaks || body === '' ? 'its names or types do not fit' : body;
}
