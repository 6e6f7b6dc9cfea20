import { expect, test } from 'vitest';
import { namesIn } from './policy-names.ts';

test('what a policy names is found where it stands; comments and texts name nothing', () => {
  const text = `// Domain::"none"
@id("of Domain::\\"none\\"")
forbid (principal in Role :: "sales/owner", action, resource == Product::"sales.orders")
when { "Domain::" == "x" || resource in Domain::"sales" };`;
  expect(namesIn(text)).toEqual([
    { type: 'Role', name: 'sales/owner', place: '3:22' },
    { type: 'Product', name: 'sales.orders', place: '3:65' },
    { type: 'Domain', name: 'sales', place: '4:41' },
  ]);
});
