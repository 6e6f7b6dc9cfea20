import { sql } from 'kysely';
import { refreshSearchDocuments } from '../src/catalog/store.ts';
import { json, type Transaction } from '../src/store/database.ts';
import type { TestMesh } from '../test/fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles } from '../test/fixtures/mesh-files.ts';

export const COLUMNS_OF_A_PRODUCT = 10;
const DOMAINS = 100;
const PRODUCTS_AT_ONCE = 250;
const AT = new Date('2026-01-02T09:00:00Z');

/** Words of the trade: a few are in many names, as in a real company. */
const SUBJECTS = words(
  'sell-out sell-in promotion shipment forecast inventory return price-list assortment planogram basket loyalty campaign recipe pallet invoice rebate tender route shelf stock receipt coupon panel complaint recall batch carrier depot margin',
);
const ASPECTS = words(
  'daily weekly monthly store region category brand retailer supplier item channel household country plant lane season cohort segment trade digital',
);
const KINDS = words('facts master events plan actuals history targets scores limits hierarchy');
const COLUMN_FIRST = words(
  'store item region customer order invoice carrier plant brand week day price cost margin unit pallet batch route coupon household',
);
const COLUMN_LAST = words(
  'id code name date amount count share rate type status flag total net gross plan target last first',
);

function words(text: string): string[] {
  return text.split(' ');
}

/** The mesh of the benchmark: domains as people apply them, and products put in below the doors. */
export async function fillCatalog(mesh: TestMesh, products: number): Promise<void> {
  let files: Files = { ...meshFiles(), ...domainFiles('marketing') };
  const names = Array.from({ length: DOMAINS }, (_, index) => `${ASPECTS[index % ASPECTS.length]}-${index}`);
  for (const name of names) files = { ...files, [`domains/${name}/domain.yaml`]: domainText(name) };
  await mesh.apply(files);
  const { database } = mesh.mesh.parts;
  const domains = await database.reader
    .selectFrom('domains')
    .select('id')
    .where('name', 'in', names)
    .execute();
  for (let start = 0; start < products; start += PRODUCTS_AT_ONCE) {
    const numbers = Array.from(
      { length: Math.min(PRODUCTS_AT_ONCE, products - start) },
      (_, at) => start + at,
    );
    await database.transact((transaction) => insertProducts(transaction, domains, numbers));
  }
  // As the database itself does after such a load, at some moment: not at one of the measurement.
  await sql`VACUUM ANALYZE`.execute(database.reader);
}

function domainText(name: string): string {
  return `name: ${name}\ntitle: ${name}\ndescription: Business unit ${name}.\nmembers:\n  - { person: owner@${name}.example, name: Owner, role: owner }\n`;
}

async function insertProducts(
  transaction: Transaction,
  domains: { id: string }[],
  numbers: number[],
): Promise<void> {
  const rows = numbers.map((number) => ({
    number,
    domainId: domains[number % domains.length]!.id,
    ...nameOf(number),
  }));
  await transaction
    .insertInto('products')
    .values(
      rows.map(({ number, domainId, name, title }) => ({
        id: `prd_${number}`,
        domain_id: domainId,
        name,
        title,
        description: sentence(number),
        status: 'published' as const,
        tags: json([pick(KINDS, number)]),
        version: '1.0.0',
        document: json({}),
        text: '',
        created_at: AT,
        updated_at: AT,
      })),
    )
    .execute();
  await transaction
    .insertInto('datasets')
    .values(
      rows.map(({ number, name, title }) => ({
        id: `dst_${number}`,
        product_id: `prd_${number}`,
        name,
        description: sentence(number + 1),
        contract: json(contractOf(number, title)),
        contract_text: '',
        contract_version: '1.0.0',
        columns: json([]),
        created_at: AT,
        updated_at: AT,
      })),
    )
    .execute();
  await refreshSearchDocuments(transaction, {
    domainIds: [],
    productIds: numbers.map((number) => `prd_${number}`),
  });
}

function pick(list: string[], seed: number): string {
  // Knuth's multiplicative hash spreads neighbouring numbers.
  return list[Math.floor((((seed * 2654435761) % 2 ** 32) / 2 ** 32) * list.length)]!;
}

export function nameOf(number: number): { name: string; title: string } {
  const parts = [pick(SUBJECTS, number), pick(ASPECTS, number * 7 + 1), pick(KINDS, number * 13 + 2)];
  return { name: `${parts.join('-')}-${number}`, title: parts.join(' ').replaceAll('-', ' ') };
}

function sentence(seed: number): string {
  const some = [1, 2, 3, 4, 5].map((step) => pick(step % 2 ? SUBJECTS : ASPECTS, seed * 31 + step * 17));
  return `Every ${some[0]} by ${some[1]} and ${some[3]}, with ${some[2]} and ${some[4]}, for planners and analysts.`;
}

function contractOf(number: number, title: string): Record<string, unknown> {
  const properties = Array.from({ length: COLUMNS_OF_A_PRODUCT }, (_, at) => {
    const seed = number * COLUMNS_OF_A_PRODUCT + at;
    const name = columnName(seed);
    const [first, last] = name.split('_');
    return {
      name,
      logicalType: 'string',
      physicalType: 'varchar',
      description: `The ${last} of the ${first}, from the ${pick(SUBJECTS, seed)} system.`,
    };
  });
  return { id: `contract-${number}`, name: title, schema: [{ name: 'object', properties }] };
}

function columnName(seed: number): string {
  return [pick(COLUMN_FIRST, seed), pick(COLUMN_LAST, seed * 3 + 1), seed % COLUMNS_OF_A_PRODUCT].join('_');
}

/** What people type: names, single words, two words, half a word, a typing error, a column, a word of a sentence. */
export function questions(count: number): string[] {
  return Array.from({ length: count }, (_, round) => {
    const { name, title } = nameOf(round * 37);
    const [subject, aspect] = [pick(SUBJECTS, round * 5), pick(ASPECTS, round * 11)];
    switch (round % 7) {
      case 0:
        return name;
      case 1:
        return subject;
      case 2:
        return `${subject} ${aspect}`;
      case 3:
        return `${aspect} ${subject.slice(0, 4)}`;
      case 4:
        return `${subject.slice(0, 2)}${subject.slice(3)} ${aspect}`;
      case 5:
        return columnName(round * 91).replace(/_\d$/, '');
      default:
        return `${title.split(' ')[0]} planners`;
    }
  });
}
