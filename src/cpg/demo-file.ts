export type Cell = string | number | boolean | null;

/** One file of the demo company, described; `src/ingest/demo-files.ts` writes it. */
export interface DemoFile {
  /** Below the root of all domains: `<domain>/<source>/<table>/…`. */
  path: string;
  encoding: 'utf-8' | 'latin-1';
  gzip: boolean;
  content: DelimitedContent | { kind: 'ndjson' | 'json'; records: object[] };
}

export interface DelimitedContent {
  kind: 'delimited';
  delimiter: ',' | ';';
  header: string[];
  rows: Cell[][];
}

/** The file's text before encoding and compression. */
export function fileText({ content }: DemoFile): string {
  switch (content.kind) {
    case 'json':
      return `${JSON.stringify(content.records, null, 1)}\n`;
    case 'ndjson':
      return content.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    case 'delimited':
      return delimitedText(content);
  }
}

function delimitedText({ delimiter, header, rows }: DelimitedContent): string {
  const special = delimiter === ',' ? /[",\r\n]/ : /[";\r\n]/;
  const cell = (value: Cell) => {
    if (value === null) return '';
    const text = String(value);
    return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [header, ...rows].map((row) => row.map(cell).join(delimiter));
  return `${lines.join('\n')}\n`;
}

/** Cents as `12.30`, or with the decimal comma of continental systems. */
export function money(cents: number, separator: '.' | ',' = '.'): string {
  const sign = cents < 0 ? '-' : '';
  const absolute = Math.abs(Math.round(cents));
  return `${sign}${Math.floor(absolute / 100)}${separator}${String(absolute % 100).padStart(2, '0')}`;
}
