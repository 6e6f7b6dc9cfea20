import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import type { Finding } from '../../contracts/finding.ts';
import { closed, oneOf } from '../../contracts/model-elements.ts';

const QUESTION_TYPES = ['text', 'choice', 'date', 'yes-no'] as const;
const NEEDS = ['optional', 'required'] as const;
const MOST_CHARACTERS = 500;

const said = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(MOST_CHARACTERS, 'must be at most 500 characters');

const question = closed({
  ask: said.optional(),
  type: oneOf(QUESTION_TYPES).optional(),
  choices: z.array(said).min(1, 'must name a choice').max(LIMITS.formChoices).optional(),
  required: z.boolean().optional(),
});

/** A form as mesh.yaml, domain.yaml (`requests`) and `request.yaml` write it: what each of them adds. */
export const WRITTEN_FORM = {
  legalBasis: oneOf(NEEDS).optional(),
  project: oneOf(NEEDS).optional(),
  terms: oneOf(['required']).optional(),
  questions: z.record(z.string(), question).optional(),
};
export const writtenForm = closed(WRITTEN_FORM);
export type WrittenForm = z.output<typeof writtenForm>;

export interface Question {
  name: string;
  ask: string;
  type: (typeof QUESTION_TYPES)[number];
  /** Of a choice. */
  choices: string[] | null;
  required: boolean;
}

/** Everything that is asked of whoever requests a product, beside purpose and end. */
export interface RequestForm {
  questions: Question[];
  /** Whether the terms of its contracts have to be agreed to. */
  terms: boolean;
}

export const EMPTY_FORM: RequestForm = { questions: [], terms: false };

/** GDPR Art. 6(1)(a) to (f). */
const LEGAL_BASES = [
  'consent',
  'contract',
  'legal-obligation',
  'vital-interests',
  'public-task',
  'legitimate-interests',
];

/**
 * What the forms of mesh, domain and product ask together. Each adds to those above it and makes theirs
 * stricter; whatever would loosen them does not count (`formFaults` refuses it when it is declared). Pure.
 */
export function mergeForms(forms: readonly WrittenForm[]): RequestForm {
  const questions = new Map<string, Question>();
  for (const form of forms) {
    for (const one of questionsOf(form)) {
      const above = questions.get(one.name);
      questions.set(one.name, above === undefined ? complete(one) : stricter(above, one));
    }
  }
  return { questions: [...questions.values()], terms: forms.some(({ terms }) => terms === 'required') };
}

type WrittenQuestion = z.output<typeof question> & { name: string };

function questionsOf({ legalBasis, project, questions = {} }: WrittenForm): WrittenQuestion[] {
  const standard: WrittenQuestion[] = [];
  if (legalBasis !== undefined) {
    const ask = 'On what legal basis is personal data processed?';
    const required = legalBasis === 'required';
    standard.push({ name: 'legal-basis', ask, type: 'choice', choices: LEGAL_BASES, required });
  }
  if (project !== undefined) {
    standard.push({
      name: 'project',
      ask: 'For which project?',
      type: 'text',
      required: project === 'required',
    });
  }
  return [...standard, ...Object.entries(questions).map(([name, one]) => ({ name, ...one }))];
}

function complete({ name, ask, type = 'text', choices, required = false }: WrittenQuestion): Question {
  return { name, ask: ask ?? name, type, choices: choices ?? null, required };
}

function stricter(above: Question, { choices, required = false }: WrittenQuestion): Question {
  const left = above.choices?.filter((choice) => choices === undefined || choices.includes(choice)) ?? null;
  return { ...above, choices: left, required: above.required || required };
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const TAKEN = ['legal-basis', 'project', 'purpose', 'terms', 'until', 'columns'];

/** What is wrong with a form below these: it may ask more and more strictly, not less. */
export function formFaults(form: WrittenForm, above: RequestForm): Finding[] {
  const known = new Map(above.questions.map((one) => [one.name, one]));
  const findings: Finding[] = [];
  for (const [key, name] of [
    ['legalBasis', 'legal-basis'],
    ['project', 'project'],
  ] as const) {
    if (form[key] === 'optional' && known.get(name)?.required)
      findings.push({ path: [key], message: 'is required by the form above this one and stays so' });
  }
  const written = Object.entries(form.questions ?? {});
  if (known.size + written.length > LIMITS.formQuestions) {
    findings.push({ path: ['questions'], message: `a form asks at most ${LIMITS.formQuestions} questions` });
  }
  for (const [name, one] of written) {
    for (const { path, ...fault } of questionFaults({ name, ...one }, known.get(name)))
      findings.push({ ...fault, path: ['questions', name, ...path] });
  }
  return findings;
}

function questionFaults(one: WrittenQuestion, above: Question | undefined): Finding[] {
  if (above !== undefined) return looserFaults(one, above);
  const { name, ask, type = 'text', choices } = one;
  const findings: Finding[] = [];
  if (!NAME.test(name)) {
    const message = 'the name of a question must start with a-z and hold only a-z, 0-9 and -';
    findings.push({ path: [], at: 'key', message });
  } else if (TAKEN.includes(name)) {
    findings.push({
      path: [],
      at: 'key',
      message: `${name} has its own place in every form: choose another name`,
    });
  }
  if (ask === undefined) findings.push({ path: [], message: 'must say what it asks (`ask`)' });
  if ((type === 'choice') !== (choices !== undefined)) {
    findings.push({ path: [], message: '`type: choice` and `choices` belong together' });
  }
  return findings;
}

function looserFaults({ ask, type, choices, required }: WrittenQuestion, above: Question): Finding[] {
  const findings: Finding[] = [];
  const same = 'is asked by the form above this one already: give it another name to ask something else';
  if (ask !== undefined && ask !== above.ask) findings.push({ path: ['ask'], message: same });
  if (type !== undefined && type !== above.type) findings.push({ path: ['type'], message: same });
  if (required === false && above.required)
    findings.push({ path: ['required'], message: 'is required by the form above this one and stays so' });
  const foreign = (choices ?? []).filter((choice) => !above.choices?.includes(choice));
  if (foreign.length > 0) {
    const message = `${foreign.join(', ')} is no choice of the form above this one, which may only be narrowed`;
    findings.push({ path: ['choices'], message });
  }
  return findings;
}
