import type { Principal } from '../policy/action.ts';
import type { TagVocabulary } from '../policy/tag-vocabulary.ts';
import type { DeclaredProduct } from './declaration.ts';
import type { DomainState, ProductState } from './state.ts';

/** What tags of a folder are judged by. */
export interface TagFacts {
  /** As mesh.yaml declares them once this is applied, and as it does until then. */
  vocabulary: TagVocabulary;
  before: TagVocabulary;
  /** Who applies. */
  by: Principal;
}

/** The product as it was until now: its major, or of a new major the one that is current. */
export function counterpart(product: DeclaredProduct, stored: DomainState | null): ProductState | null {
  const same = (stored?.products ?? []).filter(({ row }) => row.name === product.name && row.text !== '');
  return (
    same.find(({ row }) => row.major === product.major) ?? same.find(({ row }) => row.is_current) ?? null
  );
}
