import type { Problem } from '../base/errors.ts';
import {
  formFaults,
  mergeForms,
  type RequestForm,
  type WrittenForm,
} from '../subscriptions/forms/request-form.ts';
import { fullName, type MeshDeclaration, type Place } from './declaration.ts';
import type { Directory } from './state.ts';

/** What mesh.yaml says, declared or stored. */
interface MeshForm {
  requests?: WrittenForm;
}

/** Forms that would ask less than those above them, each with its place. */
export function checkForms({ domains }: MeshDeclaration, mesh: MeshForm): Problem[] {
  const above = mergeForms([mesh.requests ?? {}]);
  return domains.flatMap(({ document, place, products }) => {
    const own = document.requests ?? {};
    const problems = placed(own, above, (path, at) => place(['requests', ...path], at));
    const both = mergeForms([mesh.requests ?? {}, own]);
    return [
      ...problems,
      ...products.flatMap(({ requestForm, requestPlace }) => placed(requestForm, both, requestPlace)),
    ];
  });
}

function placed(form: WrittenForm, above: RequestForm, place: Place): Problem[] {
  return formFaults(form, above).map(({ path, at, message }) => ({ message, place: place(path, at) }));
}

/** What requests for each product are asked once the folder is applied, by `domain.product`. */
export function formsAfter(
  declaration: MeshDeclaration,
  directory: Directory,
  mesh: MeshForm,
): Map<string, RequestForm> {
  const ofMesh = mesh.requests ?? {};
  const ofDomains = new Map(directory.domains.map(({ name, requestForm }) => [name, requestForm]));
  for (const { name, document } of declaration.domains) ofDomains.set(name, document.requests ?? {});
  const current = directory.products.filter(({ isCurrent }) => isCurrent);
  const declared = declaration.domains.flatMap(({ products }) => products);
  return new Map(
    [...current, ...declared].map((product) => [
      fullName(product),
      mergeForms([ofMesh, ofDomains.get(product.domain) ?? {}, product.requestForm]),
    ]),
  );
}
