import type { Problem } from '../base/errors.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Path } from '../contracts/parse-document.ts';
import { mayUseTag, rightFault, tagFault } from '../policy/tag-vocabulary.ts';
import type { DeclaredDomain, Place } from './declaration.ts';
import { judgeRules } from './judge-tag-rules.ts';
import { type SetTag, taggedBy, type TaggedThing, thingsOfContract } from './set-tags.ts';
import type { DomainState } from './state.ts';
import { counterpart, type TagFacts } from './tag-facts.ts';

/**
 * Every tag of a domain's folder that is none that mesh.yaml declares, or that whoever applies may not set or
 * give by. Of what stays as it is nobody's right is asked.
 */
export function judgeTags(domain: DeclaredDomain, stored: DomainState | null, facts: TagFacts): Problem[] {
  const own = taggedBy('', domain.tags, []);
  const earlier = stored === null ? [] : [taggedBy('', stored.row.tags, [])];
  const ofDomain = judgeThings([own], { earlier, place: domain.place, domain: domain.name, ...facts });
  const ofProducts = domain.products.flatMap((product) => {
    const before = counterpart(product, stored);
    const judged = { domain: domain.name, ...facts };
    const things = [taggedBy('', product.document.tags, [])];
    const known = before === null ? [] : [taggedBy('', before.row.tags, [])];
    return [
      ...judgeThings(things, { earlier: known, place: product.place, ...judged }),
      ...product.datasets.flatMap(({ name, contract, place }) => {
        const row = before?.datasets.find((dataset) => dataset.row.name === name)?.row;
        const then = row === undefined ? [] : thingsOfContract('', row.contract as unknown as Contract);
        return judgeThings(thingsOfContract('', contract), { earlier: then, place, ...judged });
      }),
    ];
  });
  return [...ofDomain, ...ofProducts, ...judgeRules(domain, stored, facts)];
}

interface Judged extends TagFacts {
  earlier: TaggedThing[];
  place: Place;
  domain: string;
}

function judgeThings(things: TaggedThing[], judged: Judged): Problem[] {
  const earlier = new Map(judged.earlier.map((thing) => [thing.id, thing]));
  return things.flatMap((thing) => [
    ...vocabularyFaults(thing, judged),
    ...rightFaults(thing, earlier.get(thing.id), judged),
  ]);
}

function vocabularyFaults({ tags }: TaggedThing, { vocabulary, before, place }: Judged): Problem[] {
  return tags.flatMap((tag, index): Problem[] => {
    const { key, value, path, isWord } = tag;
    const other = tags.slice(0, index).find((one) => one.key === key && (one.value !== value || !one.isWord));
    const isFree = isWord && !vocabulary.has(key) && !before.has(key);
    const message = other
      ? `a second value for the tag ${key}: a thing has one`
      : isFree
        ? null
        : tagFault(tag, vocabulary, before);
    return message === null ? [] : [{ message, place: place(path) }];
  });
}

/** Setting, changing and taking away are the same right: each decides what restrictions and policies see. */
function rightFaults(thing: TaggedThing, earlier: TaggedThing | undefined, judged: Judged): Problem[] {
  const { vocabulary, place, domain, by } = judged;
  const [is, was] = [byKey(thing.tags), byKey(earlier?.tags ?? [])];
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((key): Problem[] => {
    const tag = vocabulary.get(key);
    if (tag === undefined || is.get(key)?.value === was.get(key)?.value) return [];
    if (mayUseTag(tag.assignedBy, { domain, by })) return [];
    const path: Path = is.get(key)?.path ?? thing.path;
    return [{ message: rightFault('assignedBy', { key, domain, tag }), place: place(path) }];
  });
}

function byKey(tags: SetTag[]): Map<string, SetTag> {
  return new Map(tags.map((tag) => [tag.key, tag]));
}
