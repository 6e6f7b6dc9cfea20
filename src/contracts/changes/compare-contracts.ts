import type { Contract } from '../odcs.ts';
import type { Path } from '../parse-document.ts';
import { ChangeList, type ContractChange, type Part, same } from './change.ts';
import { compareCustomProperties, compareTags, compareWords } from './compare-annotations.ts';
import { compareObjects } from './compare-objects.ts';
import { compareServiceLevels } from './compare-slas.ts';
import { compareTerms } from './compare-terms.ts';

/** A contract to compare: a read document, or a stored one that has no text any more. */
export interface ComparedContract {
  value: Contract;
  text?: string;
  /** `file:line:column` of a value of the text. */
  place?: (path: Path) => string;
}

/**
 * Every difference between two contracts, judged for those who read the data: breaking ones first. The rules
 * stand in docs/protocols/contract-changes.md. The version itself is no difference: `judgeVersion` compares it.
 */
export function compareContracts(
  before: ComparedContract,
  after: ComparedContract,
): readonly ContractChange[] {
  const place = after.place;
  const changes = new ChangeList(place && ((path) => place(path)));
  const part: Part<Contract> = {
    before: before.value,
    after: after.value,
    beforePath: [],
    afterPath: [],
    subject: { object: null, column: [] },
  };
  compareFundamentals(part, changes);
  compareObjects(part, changes);
  compareServiceLevels(part, changes);
  compareTerms(part, changes);
  if (changes.isEmpty && isWrittenOtherwise(before, after)) {
    changes.add(part, 'text-changed', { message: 'the text is written otherwise and says the same' });
  }
  return changes.list();
}

function isWrittenOtherwise(before: ComparedContract, after: ComparedContract): boolean {
  if (before.text !== undefined && after.text !== undefined) return before.text !== after.text;
  return !same({ ...before.value, version: '' }, { ...after.value, version: '' });
}

/** What stands at the root of a contract. */
function compareFundamentals(part: Part<Contract>, changes: ChangeList): void {
  const { before, after } = part;
  if (before.id !== after.id) {
    const message = `the contract has the id ${after.id} instead of ${before.id}`;
    changes.add(part, 'contract-id-changed', { message, key: ['id'] });
  }
  if (before.name !== after.name) {
    const message = `the contract is named ${after.name ?? 'nothing'} instead of ${before.name ?? 'nothing'}`;
    changes.add(part, 'contract-name-changed', { message, key: ['name'] });
  }
  for (const key of ['domain', 'tenant', 'dataProduct'] as const) {
    if (before[key] === after[key]) continue;
    const message = `the contract has the ${key} ${after[key] ?? 'none'} instead of ${before[key] ?? 'none'}`;
    changes.add(part, 'contract-moved', { message, key: [key] });
  }
  if (before.apiVersion !== after.apiVersion) {
    const message = `the contract is written by ODCS ${after.apiVersion} instead of ${before.apiVersion}`;
    changes.add(part, 'standard-changed', { message, key: ['apiVersion'] });
  }
  compareStatus(part, changes);
  if (!same(before.context, after.context)) {
    changes.add(part, 'context-changed', {
      message: 'the context of the contract reads otherwise',
      key: ['context'],
    });
  }
  compareDescription(part, changes);
  compareTags(part, changes);
  compareCustomProperties(part, changes);
  compareWords(part, ['authoritativeDefinitions', 'contractCreatedTs'], changes);
}

function compareStatus(part: Part<Contract>, changes: ChangeList): void {
  const { before, after } = part;
  if (before.status === after.status) return;
  const isRetired = after.status?.toLowerCase() === 'retired';
  const message = `the contract is ${after.status ?? 'of no status'} instead of ${before.status ?? 'of no status'}`;
  changes.add(part, isRetired ? 'status-retired' : 'status-changed', { message, key: ['status'] });
}

const TERMS = ['usage', 'limitations'];

function compareDescription(part: Part<Contract>, changes: ChangeList): void {
  const [before, after] = [part.before.description ?? {}, part.after.description ?? {}];
  const valueOf = (holder: object, key: string) => (holder as Record<string, unknown>)[key];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !same(valueOf(before, key), valueOf(after, key)),
  );
  for (const key of keys) {
    const isTerm = TERMS.includes(key);
    const message = `\`${key}\` of the contract reads otherwise`;
    changes.add(part, isTerm ? 'terms-changed' : 'documentation-changed', {
      message,
      key: ['description', key],
    });
  }
}
