import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillForms } from './fill-form.ts';
import { EMPTY_FORM, formFaults, mergeForms, type WrittenForm } from './request-form.ts';
import type { AskedForm } from './store.ts';
import { termsOf } from './terms.ts';

const MESH: WrittenForm = {
  legalBasis: 'required',
  questions: {
    sharing: { ask: 'Is it passed on?', type: 'yes-no', required: true },
    region: { ask: 'Where is it used?', type: 'choice', choices: ['EU', 'UK', 'US'] },
  },
};

test('forms add up: mesh, domain and product ask together', () => {
  const product: WrittenForm = {
    project: 'optional',
    questions: { region: { choices: ['EU'], required: true } },
  };
  const { questions, terms } = mergeForms([MESH, { terms: 'required' }, product]);
  expect(terms).toBe(true);
  expect(questions.map(({ name, required, choices }) => [name, required, choices])).toEqual([
    ['legal-basis', true, expect.arrayContaining(['consent', 'legitimate-interests'])],
    ['sharing', true, null],
    ['region', true, ['EU']],
    ['project', false, null],
  ]);
});

test('a form below another may not ask less, each fault at its place', () => {
  const loose: WrittenForm = {
    legalBasis: 'optional',
    questions: {
      sharing: { ask: 'Who cares?', type: 'text', required: false },
      region: { choices: ['EU', 'Mars'] },
      purpose: { ask: 'Why?' },
      'Not a name': { ask: 'What?' },
      empty: {},
      kind: { ask: 'Which?', type: 'choice' },
    },
  };
  expect(formFaults(loose, mergeForms([MESH])).map(({ path }) => path.join('/'))).toEqual([
    ...['legalBasis', 'questions/sharing/ask', 'questions/sharing/type', 'questions/sharing/required'],
    ...['questions/region/choices', 'questions/purpose', 'questions/Not a name', 'questions/empty'],
    'questions/kind',
  ]);
  expect(formFaults(MESH, EMPTY_FORM)).toEqual([]);
});

const anyForm: fc.Arbitrary<WrittenForm> = fc.record(
  {
    legalBasis: fc.constantFrom('optional', 'required'),
    terms: fc.constant('required'),
    questions: fc.dictionary(
      fc.constantFrom('one', 'two'),
      fc.record({ ask: fc.constantFrom('a', 'b'), required: fc.boolean() }, { requiredKeys: ['ask'] }),
    ),
  },
  { requiredKeys: [] },
);

test('whatever a form below says, everything required above stays required', () => {
  fc.assert(
    fc.property(anyForm, anyForm, (above, below) => {
      const [before, after] = [mergeForms([above]), mergeForms([above, below])];
      const required = (form: typeof before) =>
        form.questions.filter((question) => question.required).map(({ name, ask }) => `${name} ${ask}`);
      expect(required(after)).toEqual(expect.arrayContaining(required(before)));
      expect(after.terms || !before.terms).toBe(true);
    }),
  );
});

function asked(product: string, form: WrittenForm): AskedForm {
  const contract = { description: { usage: 'Not for resale.' } };
  const agreement = termsOf(product, [{ dataset: 'weeks', version: '1.0.0', contract }]);
  return { ...mergeForms([form]), product, agreement };
}

test('everything missing is said at once, by the name of its question', () => {
  const form = asked('sales.shop', {
    terms: 'required',
    questions: { ...MESH.questions, since: { ask: 'Since when?', type: 'date' } },
  });
  const answers = { region: 'Mars', since: '2026-02-30', shering: 'yes' };
  const { problems } = fillForms([form], { answers, agreed: ['of-yesterday'] });
  expect(problems.map(({ pointer }) => pointer)).toEqual([
    ...['/answers/sharing', '/answers/region', '/answers/since', '/answers/shering', '/agreed'],
  ]);
  expect(problems[3]!.message).toContain('did you mean sharing?');
  expect(problems[4]!.message).toContain(form.agreement.version);
});

test('one set of answers serves several products, and each keeps what it asks', () => {
  const forms = [
    asked('sales.shop', MESH),
    asked('consumer.club', { terms: 'required', project: 'required' }),
  ];
  const given = { 'legal-basis': 'consent', sharing: false, project: ' Spring ' };
  const { filled, problems } = fillForms(forms, { answers: given, agreed: [forms[1]!.agreement.version] });
  expect(problems).toEqual([]);
  expect(filled[0]!.answers.map(({ name, answer }) => [name, answer])).toEqual([
    ['legal-basis', 'consent'],
    ['sharing', 'no'],
  ]);
  expect(filled[1]).toMatchObject({
    answers: [{ name: 'project', ask: 'For which project?', answer: 'Spring' }],
    terms: { contracts: [{ dataset: 'weeks', version: '1.0.0' }] },
  });
});

test('what two products ask differently under one name cannot be asked together', () => {
  const other = asked('consumer.club', { questions: { sharing: { ask: 'With whom?' } } });
  const { problems } = fillForms([asked('sales.shop', MESH), other], { answers: {}, agreed: [] });
  expect(problems[0]!.message).toContain('sales.shop and consumer.club ask different things as sharing');
});
