import { expect, test } from 'vitest';
import { edited, listFiles, sampleFiles } from '../../test/fixtures/sample-mesh.ts';
import { parseMesh } from './parse-mesh.ts';

const CONTRACT = 'domains/sales/products/sell-out/weeks.odcs.yaml';
const DOMAIN = 'domains/sales/domain.yaml';

const withReference = edited(edited(sampleFiles(), CONTRACT, ['v3.1.0', 'v3.2.0']), CONTRACT, [
  '"units for tests"',
  '"units of ${AREA}"',
]);
const declared = edited(withReference, DOMAIN, ['title: sales', 'title: sales\nvariables: { AREA: Europe }']);

test('a contract reads with the variables of its domain; its text stays', () => {
  const { declaration, problems } = parseMesh(listFiles(declared));
  expect(problems).toEqual([]);
  const [dataset] = declaration.domains.find(({ name }) => name === 'sales')!.products[0]!.datasets;
  expect(dataset?.contract.schema?.[0]?.properties?.[1]?.description).toBe('units of Europe');
  expect(dataset?.text).toContain('units of ${AREA}');
});

test('a variable without a value is a problem of the contract, a misspelt one of the domain', () => {
  const { problems } = parseMesh(listFiles(withReference));
  expect(problems).toEqual([
    {
      message: expect.stringMatching(/`AREA` has no value: declare it in `variables` of domain.yaml/),
      place: expect.stringMatching(/weeks\.odcs\.yaml:\d+:\d+$/),
      pointer: '/schema/0/properties/1/description',
    },
  ]);
  const misspelt = edited(declared, DOMAIN, ['AREA: Europe', 'AREA: Europe, 9-x: y']);
  expect(parseMesh(listFiles(misspelt)).problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/9-x/),
  ]);
});
