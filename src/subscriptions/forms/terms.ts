import { contentHash } from '../../base/canonical.ts';
import type { AgreedTerms } from '../../store/schema.ts';

/** What the contracts of a product say about its use (ODCS "Fundamentals", `description`). */
export interface Terms {
  /** Of these words in these versions: who agrees names it. */
  version: string;
  contracts: ContractTerms[];
}

export interface ContractTerms {
  dataset: string;
  version: string;
  usage: string | null;
  limitations: string | null;
}

interface ContractFacts {
  dataset: string;
  version: string;
  contract: Record<string, unknown>;
}

const VERSION_DIGITS = 12;

/** The terms of a product as its contracts stand. Pure. */
export function termsOf(product: string, datasets: readonly ContractFacts[]): Terms {
  const contracts = datasets
    .map(({ dataset, version, contract }): ContractTerms => {
      const { usage, limitations } = (contract['description'] ?? {}) as Partial<Record<string, unknown>>;
      return { dataset, version, usage: textOf(usage), limitations: textOf(limitations) };
    })
    .sort((left, right) => (left.dataset < right.dataset ? -1 : 1));
  return { version: contentHash([product, contracts]).slice(0, VERSION_DIGITS), contracts };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** What is kept of an agreement. */
export function agreedTerms({ version, contracts }: Terms): AgreedTerms {
  return { version, contracts: contracts.map((one) => ({ dataset: one.dataset, version: one.version })) };
}
