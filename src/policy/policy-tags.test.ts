import { expect, test } from 'vitest';
import { splitPolicies } from './cedar.ts';
import { validatePolicies } from './policies.ts';
import { constantReads, placeOfTag, tagReads } from './policy-tags.ts';

const policy = (condition: string) =>
  `@id("p")\nforbid (principal, action == Action::"subscription.approve", resource)\nwhen { ${condition} };\n`;

const reads = (condition: string) => {
  const text = policy(condition);
  expect([condition, validatePolicies(text, 'p.cedar')]).toEqual([condition, []]);
  const [part] = splitPolicies(text)!;
  return tagReads(part!).map(({ key, value }) => (value === null ? key : `${key}:${value}`));
};

test.each<[string, string[]]>([
  ['resource.product.hasTag("class")', ['class']],
  [
    'resource.product.hasTag("class") && resource.product.getTag("class").contains("open")',
    ['class', 'class:open', 'class'],
  ],
  [
    'resource.domain.hasTag("zone") && resource.domain.getTag("zone").containsAny(["europe", "world"])',
    ['zone', 'zone:europe', 'zone:world', 'zone'],
  ],
  ['context has subscription && context.subscription.domain.hasTag("partner")', ['partner']],
  [
    'resource.product has classification && resource.product.classification == "secret"',
    ['classification:secret'],
  ],
  ['principal.hasTag("region") && principal.claims.hasTag("cost_center")', []],
  ['if resource.consumer.hasTag("partner") then true else false', ['partner']],
])('what a policy asks for is found wherever it asks: %s', (condition, expected) => {
  expect([...new Set(reads(condition))].sort()).toEqual([...new Set(expected)].sort());
});

test('a tag of a constant is refused: a decision knows nothing of it, so it would never match', () => {
  const text = policy('Domain::"sales".hasTag("zone")');
  const [part] = splitPolicies(text)!;
  expect([tagReads(part!), constantReads(part!)]).toEqual([[], ['zone']]);
  expect(validatePolicies(text, 'p.cedar').map(({ message }) => message)).toEqual([
    expect.stringMatching(/the tag "zone" is asked of a constant/),
  ]);
});

test('the place is that of the key', () => {
  const text = `${policy('true')}${policy('resource.product.hasTag("class")').replace('"p"', '"q"')}`;
  const part = splitPolicies(text)!.find(({ id }) => id === 'q')!;
  expect(placeOfTag(text, part, { key: 'class', value: null })).toBe('6:32');
});
