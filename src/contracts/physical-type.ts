import type { Column, DataType, PrimitiveName } from '../base/data-type.ts';

/** Names of types in DuckDB, PostgreSQL, Trino, Spark, Iceberg, Snowflake, BigQuery and their kin. */
const NAMES: Record<PrimitiveName, string> = {
  boolean: 'boolean bool logical',
  int: 'int integer int4 int32 smallint int2 int16 short tinyint int1 utinyint uint8 usmallint uint16 serial mediumint',
  long: 'long bigint int8 int64 uinteger uint32 bigserial',
  float: 'float real float4 float32',
  double: 'double float8 float64 doubleprecision',
  date: 'date date32',
  time: 'time timewithouttimezone',
  timestamp: 'timestamp datetime datetime2 timestampwithouttimezone timestamp_ntz timestampntz smalldatetime',
  timestamptz:
    'timestamptz timestampwithtimezone timestamp_tz timestamp_ltz timestampltz timestampwithlocaltimezone datetimeoffset',
  string:
    'string text varchar char character bpchar nvarchar nchar varchar2 nvarchar2 charactervarying clob longtext mediumtext tinytext citext enum utf8',
  uuid: 'uuid guid uniqueidentifier',
  binary: 'binary bytes bytea blob varbinary binaryvarying',
};

const PRIMITIVES = new Map<string, PrimitiveName>(
  (Object.entries(NAMES) as [PrimitiveName, string][]).flatMap(([kind, names]) =>
    names.split(' ').map((name) => [name, kind] as const),
  ),
);

/** 64-bit unsigned and 128-bit integers have no Iceberg type of their own: a decimal holds them exactly. */
const WIDE_INTEGERS = new Map([
  ['ubigint', 20],
  ['uint64', 20],
  ['hugeint', 38],
  ['int128', 38],
]);
const DECIMALS = new Set(['decimal', 'numeric', 'number', 'dec', 'bignumeric']);
/** Iceberg: "Decimal(P,S): precision 38 or less". */
const MAX_PRECISION = 38;

/**
 * The type that a physical type such as `decimal(18,2)`, `varchar(20)`, `timestamp with time zone`,
 * `array<struct<a: int>>`, `STRUCT("a" INTEGER)[]` or `map(varchar, bigint)` stands for; null when it is
 * none we know, or a decimal without its precision.
 */
export function parsePhysicalType(text: string): DataType | null {
  if (text.length > 10_000) return null;
  try {
    const reader = new TypeReader(text);
    const type = reader.type(0);
    return reader.atEnd() ? type : null;
  } catch (error) {
    if (error instanceof UnknownType) return null;
    throw error;
  }
}

class UnknownType extends Error {}

const TOKEN = /\s*("(?:[^"]|"")*"|`[^`]*`|[A-Za-z_][A-Za-z0-9_]*|\d+|[<>(),:[\]])/y;
const MAX_DEPTH = 50;

class TypeReader {
  private readonly tokens: string[];
  private position = 0;

  constructor(text: string) {
    this.tokens = tokenize(text);
  }

  atEnd(): boolean {
    return this.position === this.tokens.length;
  }

  type(depth: number): DataType {
    if (depth > MAX_DEPTH) throw new UnknownType();
    let type = this.baseType(depth);
    while (this.peek() === '[') {
      this.take('[');
      if (/^\d+$/.test(this.peek() ?? '')) this.position++;
      this.take(']');
      type = { kind: 'list', element: type, elementRequired: false };
    }
    return type;
  }

  private baseType(depth: number): DataType {
    const name = this.next().toLowerCase();
    const close = closing(this.peek());
    if (close && (name === 'struct' || name === 'row' || name === 'record')) {
      return { kind: 'struct', fields: this.list(close, () => this.field(depth)) };
    }
    if (close && (name === 'array' || name === 'list')) {
      const [element, ...more] = this.list(close, () => this.type(depth + 1));
      if (!element || more.length > 0) throw new UnknownType();
      return { kind: 'list', element, elementRequired: false };
    }
    if (close && name === 'map') {
      const [key, value, ...more] = this.list(close, () => this.type(depth + 1));
      if (!key || !value || more.length > 0) throw new UnknownType();
      return { kind: 'map', key, value, valueRequired: false };
    }
    return this.primitive(name);
  }

  private primitive(name: string): DataType {
    if (!/^[a-z_]/.test(name)) throw new UnknownType();
    let words = name;
    let sizes = this.sizes();
    while (/^[a-z]+$/i.test(this.peek() ?? '')) {
      words += this.next().toLowerCase();
      sizes = sizes.length > 0 ? sizes : this.sizes();
    }
    if (DECIMALS.has(words)) return decimal(sizes);
    const precision = WIDE_INTEGERS.get(words);
    if (precision !== undefined) return { kind: 'decimal', precision, scale: 0 };
    const kind = PRIMITIVES.get(words);
    if (!kind) throw new UnknownType();
    return { kind };
  }

  private sizes(): number[] {
    if (this.peek() !== '(') return [];
    return this.list(')', () => {
      const size = this.next();
      if (!/^(\d+|max)$/i.test(size)) throw new UnknownType();
      return Number(size);
    });
  }

  private field(depth: number): Column {
    const name = unquoteName(this.next());
    if (this.peek() === ':') this.take(':');
    return { name, type: this.type(depth + 1), required: false };
  }

  private list<Item>(close: string, item: () => Item): Item[] {
    this.position++;
    const items = [item()];
    while (this.peek() === ',') {
      this.take(',');
      items.push(item());
    }
    this.take(close);
    return items;
  }

  private peek(): string | undefined {
    return this.tokens[this.position];
  }

  private next(): string {
    const token = this.tokens[this.position++];
    if (token === undefined) throw new UnknownType();
    return token;
  }

  private take(token: string): void {
    if (this.next() !== token) throw new UnknownType();
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw new UnknownType();
    tokens.push(match[1]!);
  }
  return tokens;
}

function closing(open: string | undefined): ')' | '>' | null {
  if (open === '(') return ')';
  return open === '<' ? '>' : null;
}

function unquoteName(token: string): string {
  if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"');
  return token.startsWith('`') ? token.slice(1, -1) : token;
}

function decimal([precision, scale = 0, ...more]: number[]): DataType {
  const fits = precision !== undefined && precision >= 1 && precision <= MAX_PRECISION && scale <= precision;
  if (!fits || Number.isNaN(scale) || more.length > 0) throw new UnknownType();
  return { kind: 'decimal', precision, scale };
}
