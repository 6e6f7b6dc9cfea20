import type { Column } from '../base/data-type.ts';
import { columnName, storedProperties } from './column-type.ts';
import { readTable } from './contract-table.ts';
import type { Finding } from './finding.ts';
import { type CustomProperty, customValue } from './model-elements.ts';
import type { Contract } from './odcs.ts';
import type { ItemProperty } from './odcs-schema.ts';
import { schemaObjects, visitProperties } from './visit-properties.ts';

/**
 * ODCS has no word for whose data a row is, so properties say it by custom properties: `subjectKey: customer`
 * on the column that tells one customer from all others, `subjectIdentifier: customer` on columns by which a
 * customer is found but that several may share.
 */
export const SUBJECT_KEY = 'subjectKey';
export const SUBJECT_IDENTIFIER = 'subjectIdentifier';

/** Custom property of a contract or product: why nothing of it may be erased or expire. */
export const LEGAL_HOLD = 'legalHold';

export interface SubjectColumn {
  column: string;
  /** The kind of subject: `customer`, `employee`. */
  subject: string;
  role: 'key' | 'identifier';
}

/** The columns of a dataset by which its subjects are found. */
export function subjectColumns(contract: Contract): SubjectColumn[] {
  return storedProperties(contract.schema?.[0]?.properties).flatMap(({ property }) =>
    marksOf(property).flatMap(({ role, value }): SubjectColumn[] =>
      typeof value === 'string' ? [{ column: columnName(property), subject: value, role }] : [],
    ),
  );
}

/** Why nothing of this may be erased; null where there is no hold. */
export function legalHold(document: { customProperties?: CustomProperty[] }): string | null {
  const value = customValue(document.customProperties, LEGAL_HOLD);
  if (value === undefined || value === false || value === null) return null;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : 'declared without a reason';
}

interface Mark {
  role: SubjectColumn['role'];
  value: unknown;
  index: number;
}

function marksOf({ customProperties = [] }: ItemProperty): Mark[] {
  return customProperties.flatMap(({ property, value }, index): Mark[] => {
    if (property === SUBJECT_KEY) return [{ role: 'key', value, index }];
    return property === SUBJECT_IDENTIFIER ? [{ role: 'identifier', value, index }] : [];
  });
}

const KIND = /^[a-z][a-z0-9_-]{0,62}$/;
const TYPES: readonly Column['type']['kind'][] = ['string', 'int', 'long', 'uuid'];

/** Marks that could not be followed: wrong words, nested columns, types without one text, two keys. */
export function findSubjectFaults(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const columns = new Map(readTable(contract).table?.columns.map((column) => [column.name, column]));
  const keys = new Set<string>();
  for (const { object, path } of schemaObjects(contract)) {
    visitProperties(object, path, (property, at) => {
      for (const { role, value, index } of marksOf(property)) {
        const report = (message: string) =>
          findings.push({ path: [...at, 'customProperties', index, 'value'], message });
        const kind = typeof value === 'string' ? value : '';
        const isColumn = at.length === path.length + 2 && property.name !== undefined;
        const type = isColumn ? columns.get(property.physicalName ?? property.name ?? '')?.type.kind : null;
        if (!KIND.test(kind)) report('a kind of subject is a lower-case word such as customer');
        if (!isColumn) report('a subject is found by columns of the table, not by parts of them');
        else if (type !== undefined && !TYPES.includes(type!)) {
          report('a subject is found by a column of text, whole numbers or UUIDs');
        }
        if (role === 'key' && keys.has(kind)) report(`two columns are the key of ${kind}: mark one`);
        if (role === 'key') keys.add(kind);
      }
    });
  }
  return findings;
}
