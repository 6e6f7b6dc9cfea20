import type { Problem } from '../base/errors.ts';
import { isPersonal } from '../policy/personal-data.ts';
import { columnTags } from '../subscriptions/column-tags.ts';
import { type DeclaredProduct, fullName, type MeshDeclaration } from './declaration.ts';

/** Products with personal data in a mesh where nobody approves its use: their requests would wait for ever. */
export function warnOfPersonal(
  { domains }: MeshDeclaration,
  mesh: { privacy?: { approvers?: unknown[] } },
): Problem[] {
  if ((mesh.privacy?.approvers ?? []).length > 0) return [];
  return domains
    .flatMap(({ products }) => products)
    .filter((product) => product.status === 'published' && holdsPersonalData(product))
    .map((product) => ({
      message: `${fullName(product)} holds personal data, and \`privacy.approvers\` of mesh.yaml names nobody who approves its use: requests for it will wait`,
      place: product.place(['outputPorts']),
    }));
}

function holdsPersonalData({ tags, datasets }: DeclaredProduct): boolean {
  return datasets.some(({ contract }) =>
    Object.values(
      columnTags({ contract: contract as unknown as Record<string, unknown>, productTags: tags }),
    ).some(isPersonal),
  );
}
