import { expect, test } from 'vitest';
import { type Edge, type Followable, followColumns } from './follow-columns.ts';

const string = (name: string) => ({ name, type: { kind: 'string' as const }, required: false });
const int = (name: string) => ({ name, type: { kind: 'int' as const }, required: false });

function dataset(id: string, columns: Followable['columns'], more: Partial<Followable> = {}): Followable {
  return { id, columns, marks: [], personal: [], isStart: false, former: null, ...more };
}

const START = dataset('members', [string('id'), string('email'), string('name'), string('city')], {
  isStart: true,
  marks: [
    { column: 'id', subject: 'customer', role: 'key' },
    { column: 'email', subject: 'customer', role: 'identifier' },
  ],
  personal: ['id', 'email', 'name'],
});

/** `members.id>letters.who` and how; without columns the datasets themselves. */
function edges(...written: [string, ...string[]][]): Edge[] {
  return written.map(([way, ...transformations]) => {
    const [from = '', to = ''] = way.split('>');
    const [fromNode = '', fromColumn = ''] = from.split('.');
    const [toNode = '', toColumn = ''] = to.split('.');
    return { fromNode, fromColumn, toNode, toColumn, transformations };
  });
}

function follow(others: Followable[], ways: Edge[]) {
  return Object.fromEntries(
    [...followColumns([START, ...others], ways)].map(([id, { columns, lost }]) => [
      id,
      { columns: Object.fromEntries(columns), lost },
    ]),
  );
}

test('keys, identifiers and personal values are followed along identities, over several steps', () => {
  const letters = dataset('letters', [string('who'), string('to'), string('name')]);
  const posted = dataset('posted', [string('receiver')]);
  const found = follow(
    [letters, posted],
    edges(
      ['members>letters'],
      ['members.id>letters.who', 'DIRECT IDENTITY'],
      ['members.email>letters.to', 'DIRECT IDENTITY'],
      ['members.name>letters.name', 'DIRECT IDENTITY'],
      ['letters>posted'],
      ['letters.to>posted.receiver', 'DIRECT IDENTITY'],
    ),
  );
  expect(found['letters']).toEqual({ columns: { who: 'key', to: 'identifier', name: 'personal' }, lost: [] });
  expect(found['posted']).toEqual({ columns: { receiver: 'identifier' }, lost: [] });
});

test('what only counts or chooses holds no value of a subject', () => {
  const counts = dataset('counts', [string('city'), int('members')]);
  const found = follow(
    [counts],
    edges(
      ['members>counts'],
      ['members.city>counts.city', 'DIRECT IDENTITY', 'INDIRECT GROUP_BY'],
      ['members.id>counts.members', 'DIRECT AGGREGATION'],
      ['members.email>counts', 'INDIRECT FILTER'],
    ),
  );
  expect(found['counts']).toEqual({ columns: {}, lost: [] });
});

test.each([
  ['a changed value', 'members.email>out.mail', ['DIRECT TRANSFORMATION']],
  ['a digest', 'members.email>out.mail', ['DIRECT TRANSFORMATION MASKING']],
  ['an aggregate that hands a value on', 'members.email>out.mail', ['DIRECT AGGREGATION']],
])('%s is lost: its rows are not found by it', (_what, way, transformations) => {
  const found = follow([dataset('out', [string('mail')])], edges(['members>out'], [way, ...transformations]));
  expect(found['out']?.lost).toEqual(['mail is made from email']);
});

test('where only the tables are known nothing is claimed, nor of what is made of it', () => {
  const found = follow(
    [dataset('odd', [string('x')]), dataset('next', [string('x')])],
    edges(['members>odd', 'TABLE'], ['odd>next'], ['odd.x>next.x', 'DIRECT IDENTITY']),
  );
  expect(found['odd']?.lost).toEqual(['which columns go where is not known']);
  expect(found['next']?.lost).toEqual(['it is made of what was not followed']);
});

test('a dataset that has read it once and reads it no more may hold it', () => {
  const former = dataset('old', [string('x')], { former: 'an earlier version of it has read members' });
  expect(follow([former], [])['old']?.lost).toEqual(['an earlier version of it has read members']);
});

test('circles end', () => {
  const found = follow(
    [dataset('a', [string('id')]), dataset('b', [string('id')])],
    edges(
      ['members.id>a.id', 'DIRECT IDENTITY'],
      ['a.id>b.id', 'DIRECT IDENTITY'],
      ['b.id>a.id', 'DIRECT IDENTITY'],
    ),
  );
  expect([found['a']?.columns, found['b']?.columns]).toEqual([{ id: 'key' }, { id: 'key' }]);
});
