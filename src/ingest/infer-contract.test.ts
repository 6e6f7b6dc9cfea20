import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../../test/fixtures/source-tree.ts';
import { lintDatasetContract } from '../contracts/read-contract.ts';
import { readVocabulary, tagFault } from '../policy/tag-vocabulary.ts';
import { readTag } from '../policy/tags.ts';
import type { CrawledTable } from './crawled-table.ts';
import { inferContract } from './infer-contract.ts';

const SAMPLES: Record<string, string[]> = {
  member_id: ['1', '2', '3'],
  email: ['ada@shop.example', 'bob@shop.example'],
  phone: ['+46 70 123 45 67'],
  first_name: ['Ada'],
  birth_date: ['1990-01-01'],
  street: ['Long Road 1'],
  iban: ['DE89370400440532013000'],
  'odd: name': ['x'],
};

const names = Object.keys(SAMPLES);

function draft(shown = names): string {
  const table = {
    ...{ name: 'members', format: 'csv', partitionColumns: [], files: [] },
    columns: shown.map((name) => ({ name, type: { kind: 'string' }, required: false })),
  } as unknown as CrawledTable;
  const columns = shown.map((name) => ({
    ...{ name, nulls: 0, unique: name === 'member_id', values: null },
    samples: SAMPLES[name]!,
  }));
  return inferContract({
    ...{ id: 'c', dataset: 'members', domain: 'sales', seenIn: 'sales/club/members', table },
    profile: { rows: 3, columns, pairKey: null },
  });
}

/** As its owner does it: the mark goes from what is YAML; sentences, which begin with a capital, stay comments. */
function uncommented(text: string): string {
  return text.replace(/^( *)# (?! *[A-Z])/gm, '$1');
}

test.each([[names], [['odd: name', 'email']], [['iban']]])(
  'a draft of %j is clean, and with all that it holds as comments',
  (shown) => {
    const text = draft(shown);
    const open = uncommented(text);
    for (const content of [text, open]) {
      expect(lintDatasetContract({ file: 'draft.odcs.yaml', content }).problems).toEqual([]);
    }
    expect(Object.keys(parse(open))).toEqual(expect.arrayContaining(['schema', 'slaProperties', 'team']));
    expect(parse(open).schema[0].quality).toHaveLength(2);
  },
);

test('personal data is tagged by words that the mesh of the blueprint has', () => {
  const { tags } = parse(readFileSync(join(ROOT, 'blueprints/cpg/mesh.yaml'), 'utf8'));
  const { vocabulary } = readVocabulary(tags);
  const properties: { name: string; classification?: string; tags?: string[] }[] =
    parse(draft()).schema[0].properties;
  const personal = properties.filter(({ classification }) => classification === 'personal');
  expect(personal.map(({ name, tags: own }) => [name, own?.filter((tag) => tag.includes(':'))])).toEqual([
    ['email', ['personal-data:contact']],
    ['phone', ['personal-data:contact']],
    ['first_name', ['personal-data:name']],
    ['birth_date', ['personal-data:birth-date']],
    ['street', ['personal-data:location']],
    ['iban', []],
  ]);
  const used = personal.flatMap(({ tags: own = [] }) => own.filter((tag) => tag.includes(':')).map(readTag));
  const set = [...used, { key: 'classification', value: 'personal' }];
  expect(set.map((tag) => tagFault(tag, vocabulary))).toEqual(set.map(() => null));
});
