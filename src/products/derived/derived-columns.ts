import { datasetTags, personalColumns, type TaggedDataset, tagsWithin } from '../../policy/dataset-tags.ts';
import { type PersonalMark, personalMark } from '../../policy/personal-data.ts';

/** A dataset that a pipeline reads, with everything that tags it. */
export interface ReadTable extends TaggedDataset {
  /** `domain.product.dataset`. */
  name: string;
}

/** How a column of an input reaches one of a dataset; empty: some column, nobody can tell which. */
export interface ColumnWay {
  from: string;
  fromColumn: string;
  toColumn: string;
  /** OpenLineage's `type`, `subtype` and `MASKING`; empty: it is known not to say anything. */
  transformations: readonly string[];
}

/** A column made of personal data; `column` and `source` null where only the input is certain. */
export interface DerivedColumn {
  column: string | null;
  input: string;
  source: string | null;
  mark: PersonalMark;
  transformations: readonly string[];
}

/** What of these ways begins at a column that holds personal data. `tables` by {@link ColumnWay.from}. Pure. */
export function derivedFrom(
  ways: readonly ColumnWay[],
  tables: ReadonlyMap<string, ReadTable>,
): DerivedColumn[] {
  const marks = new Map([...tables].map(([id, table]) => [id, marksOf(table)]));
  return ways.flatMap(({ from, fromColumn, toColumn, transformations }): DerivedColumn[] => {
    const table = tables.get(from);
    const marked = marks.get(from);
    if (table === undefined || marked === undefined || transformations.length === 0) return [];
    const whole = fromColumn === '';
    const mark = whole ? [...marked.values()][0] : marked.get(fromColumn);
    // What acts on the rows as a whole gives no column a value.
    if (mark === undefined || (!whole && toColumn === '')) return [];
    const column = whole ? null : toColumn;
    return [{ column, input: table.name, source: whole ? null : fromColumn, mark, transformations }];
  });
}

/** Whether a table holds any personal data: of others no way needs to be looked for. */
export function holdsPersonal(table: TaggedDataset): boolean {
  return personalColumns(datasetTags(table)).length > 0;
}

function marksOf(table: TaggedDataset): Map<string, PersonalMark> {
  const tags = datasetTags(table);
  return new Map(
    personalColumns(tags).flatMap((name) => {
      const mark = tagsWithin(tags, name)
        .map(personalMark)
        .find((one) => one !== null);
      return mark ? [[name, mark] as const] : [];
    }),
  );
}
