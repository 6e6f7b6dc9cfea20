import type { Column, DataType } from '../../base/data-type.ts';
import type { Problem } from '../../base/errors.ts';
import { contractTable } from '../../contracts/contract-table.ts';
import type { Path } from '../../contracts/parse-document.ts';
import { datasetTags, tagsWithin } from '../../policy/dataset-tags.ts';
import { deniesPersonal, isPersonal } from '../../policy/personal-data.ts';
import { plainTags, tagText } from '../../policy/tags.ts';
import type { JudgedDataset } from '../publication.ts';
import type { DerivedColumn } from './derived-columns.ts';

type Judged = Pick<JudgedDataset, 'name' | 'contract' | 'derived' | 'place'>;

interface Judgement {
  problems: Problem[];
  warnings: Problem[];
}

/**
 * Personal data keeps its name on its way: a column that has it by value from another one says so too, or says on
 * itself that it is none any more. Where columns cannot be traced somebody has to look. Pure.
 */
export function judgeDerived(
  { name: product, tags: productTags }: { name: string; tags: readonly string[] },
  { name, contract, derived, place }: Judged,
): Judgement {
  if (derived.length === 0) return { problems: [], warnings: [] };
  const document = contract as unknown as Record<string, unknown>;
  const tags = datasetTags({ contract: document, productTags, domainTags: [] });
  const at = (path: Path) => (place === undefined ? {} : { place: place(path) });
  const { columns, promises } = contractTable(contract);
  const silent = promises.flatMap(({ name: column, path }, index) => {
    if (tagsWithin(tags, column).some(isPersonal)) return [];
    const own = plainTags(tags.columns[column]!.filter(({ from }) => from === 'column'));
    const from = derived.filter((one) => !deniesPersonal(own, one.mark));
    return from.length === 0 ? [] : [{ column: columns[index]!, path, from }];
  });
  const problems = silent.flatMap(({ column, path, from }): Problem[] => {
    const valued = from.filter((one) => one.column === column.name && isByValue(one, column));
    if (valued.length === 0) return [];
    return [{ message: `${product}.${name}: ${saidOf(column.name, valued)}`, ...at(path) }];
  });
  const lost = silent.flatMap(({ from }) => from.filter((one) => one.column === null));
  const inputs = [...new Set(lost.map(({ input }) => input))].sort();
  const message = `${product}.${name} reads personal data of ${inputs.join(', ')}, and its columns cannot be traced: look that those which hold any of it are tagged`;
  return { problems, warnings: inputs.length === 0 ? [] : [{ message, ...at(['schema', 0]) }] };
}

/**
 * A digest of a value is a pseudonym, which is personal data still. Numbers that an aggregate gives are of many;
 * texts, dates and lists that it gives are values of somebody (`max`, `any_value`, `list`).
 */
function isByValue({ transformations }: DerivedColumn, { type }: Column): boolean {
  return transformations.some(
    (way) => way.startsWith('DIRECT') && (!way.startsWith('DIRECT AGGREGATION') || !MEASURES.has(type.kind)),
  );
}

const MEASURES: ReadonlySet<DataType['kind']> = new Set([
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'decimal',
]);

function saidOf(column: string, from: readonly DerivedColumn[]): string {
  const sources = [...new Set(from.map(({ input, source }) => `\`${source}\` of ${input}`))].sort();
  const { mark } = from.find((one) => one.mark.key !== 'classification') ?? from[0]!;
  const isClass = mark.key === 'classification';
  const tagged = isClass ? `\`classification: ${mark.value}\`` : `the tag \`${tagText(mark)}\``;
  const denied = isClass
    ? 'another `classification` or the tag `personal-data:none`'
    : `the tag \`${mark.key}:none\``;
  return (
    `\`${column}\` comes by value from personal data, ${sources.join(' and ')}, and does not say so: ` +
    `give it ${tagged} as there, leave it out of the SELECT, or if it is none any more say so by ${denied} on the column`
  );
}
