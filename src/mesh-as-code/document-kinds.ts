import type { DocumentKind } from '../contracts/read-document.ts';
import {
  findGrantFaults,
  findMemberFaults,
  findMeshFaults,
  findRestrictionFaults,
  findUnfitText,
  findVariableFaults,
} from './document-rules.ts';
import {
  type DomainDocument,
  domainDocument,
  type GrantsDocument,
  grantsDocument,
  type MeshDocument,
  meshDocument,
  type RequestDocument,
  requestDocument,
  type RestrictionsDocument,
  restrictionsDocument,
} from './documents.ts';

export const MESH: DocumentKind<MeshDocument> = {
  code: 'mesh.invalid',
  model: meshDocument,
  rules: [findUnfitText, findMeshFaults, findRestrictionFaults],
};
export const DOMAIN: DocumentKind<DomainDocument> = {
  code: 'mesh.invalid',
  model: domainDocument,
  rules: [findUnfitText, findMemberFaults, findVariableFaults, findRestrictionFaults],
};
export const RESTRICTIONS: DocumentKind<RestrictionsDocument> = {
  code: 'mesh.invalid',
  model: restrictionsDocument,
  rules: [findUnfitText, findRestrictionFaults],
};
export const REQUEST: DocumentKind<RequestDocument> = {
  code: 'mesh.invalid',
  model: requestDocument,
  rules: [findUnfitText],
};
export const GRANTS: DocumentKind<GrantsDocument> = {
  code: 'mesh.invalid',
  model: grantsDocument,
  rules: [findUnfitText, findGrantFaults],
};
