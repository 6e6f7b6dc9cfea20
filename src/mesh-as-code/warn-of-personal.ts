import type { Problem } from '../base/errors.ts';
import { datasetTags, personalColumns } from '../policy/dataset-tags.ts';
import { type DeclaredProduct, fullName, type MeshDeclaration } from './declaration.ts';

/** Products with personal data in a mesh where nobody approves its use: their requests would wait for ever. */
export function warnOfPersonal(
  { domains }: MeshDeclaration,
  mesh: { privacy?: { approvers?: unknown[] } },
): Problem[] {
  if ((mesh.privacy?.approvers ?? []).length > 0) return [];
  return domains
    .flatMap(({ products, tags }) => products.map((product) => ({ product, domainTags: tags })))
    .filter(
      ({ product, domainTags }) => product.status === 'published' && holdsPersonalData(product, domainTags),
    )
    .map(({ product }) => ({
      message: `${fullName(product)} holds personal data, and \`privacy.approvers\` of mesh.yaml names nobody who approves its use: requests for it will wait`,
      place: product.place(['outputPorts']),
    }));
}

function holdsPersonalData({ tags, datasets }: DeclaredProduct, domainTags: string[]): boolean {
  return datasets.some(({ contract: model }) => {
    const contract = model as unknown as Record<string, unknown>;
    return personalColumns(datasetTags({ contract, productTags: tags, domainTags })).length > 0;
  });
}
