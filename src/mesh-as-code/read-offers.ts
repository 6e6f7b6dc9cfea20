import { type ColumnUse, listColumnUse } from '../audit/store.ts';
import type { Column } from '../base/data-type.ts';
import { hasVariables } from '../contracts/variables.ts';
import { listReleasedColumns } from '../products/majors/store.ts';
import { IMPACT_DAYS } from '../products/majors/read-facts.ts';
import type { DerivedColumn } from '../products/derived/derived-columns.ts';
import type { Reader } from '../store/database.ts';
import type { MeshDeclaration } from './declaration.ts';
import type { DomainState } from './state.ts';

/** What the mesh knows of the datasets that a folder changes. */
export interface OffersRead {
  use: ColumnUse[];
  released: Map<string, Column[]>;
  /** What is made of personal data of other datasets, by `domain.product.dataset`. */
  derived: Map<string, DerivedColumn[]>;
}

const DAY_MS = 86_400_000;

/** Reads use and released columns, of datasets whose contract reads otherwise or is gone only. */
export async function readOffers(
  reader: Reader,
  { declaration, domains, now }: { declaration: MeshDeclaration; domains: (DomainState | null)[]; now: Date },
): Promise<Omit<OffersRead, 'derived'>> {
  const texts = new Map<string, string>();
  for (const { name: domain, products } of declaration.domains) {
    for (const { name, datasets } of products) {
      for (const dataset of datasets) texts.set(`${domain}.${name}.${dataset.name}`, dataset.text);
    }
  }
  const changed = domains.flatMap((domain) =>
    (domain?.products ?? []).flatMap(({ row: product, datasets }) =>
      datasets
        .filter(
          ({ row }) =>
            hasVariables(row.contract_text) ||
            texts.get(`${domain?.row.name}.${product.name}.${row.name}`) !== row.contract_text,
        )
        .map(({ row }) => row.id),
    ),
  );
  const since = new Date(now.getTime() - IMPACT_DAYS * DAY_MS);
  return {
    use: await listColumnUse(reader, changed, since),
    released: await listReleasedColumns(reader, changed),
  };
}
