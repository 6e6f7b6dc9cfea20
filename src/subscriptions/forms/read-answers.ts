import type { Problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { suggest } from '../../contracts/suggest.ts';
import type { RequestAnswer } from '../../store/schema.ts';
import type { Question, RequestForm } from './request-form.ts';

/** Answers by the name of their question, as any door sends them. */
export type GivenAnswers = Record<string, string | boolean>;

/** The answers as they are kept, with everything that is missing or does not fit. Pure. */
export function readAnswers(
  { questions }: Pick<RequestForm, 'questions'>,
  given: GivenAnswers,
): { answers: RequestAnswer[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const answers: RequestAnswer[] = [];
  for (const question of questions) {
    const { name, ask } = question;
    const read = readOne(question, Object.hasOwn(given, name) ? given[name] : undefined);
    if (read === null) continue;
    if ('problem' in read) problems.push({ message: read.problem, pointer: `/answers/${name}` });
    else answers.push({ name, ask, answer: read.answer });
  }
  return { answers, problems };
}

/** Answers to what nobody asks: probably a question that was meant stays unanswered. */
export function unaskedProblems(questions: readonly Question[], given: GivenAnswers): Problem[] {
  const names = questions.map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = suggest(name, names);
      const message = `nothing asks for ${name}${meant === null ? '' : `; did you mean ${meant}?`}`;
      return { message, pointer: `/answers/${name}` };
    });
}

type ReadAnswer = { answer: string } | { problem: string } | null;

function readOne(question: Question, given: string | boolean | undefined): ReadAnswer {
  const text = given === true ? 'yes' : given === false ? 'no' : (given ?? '').trim();
  const { name, required, choices, type } = question;
  if (text === '') return required ? { problem: `${name} is not answered: ${askOf(question)}` } : null;
  if (text.length > LIMITS.answerCharacters) {
    return { problem: `the answer to ${name} is longer than ${LIMITS.answerCharacters} characters` };
  }
  if (type === 'choice' && !choices?.includes(text)) {
    return { problem: `${name} is one of ${(choices ?? []).join(', ')}` };
  }
  if (type === 'yes-no' && text !== 'yes' && text !== 'no') return { problem: `${name} is yes or no` };
  if (type === 'date' && !isDay(text)) return { problem: `${name} is a date such as 2026-12-31` };
  return { answer: text };
}

function askOf({ ask, type, choices }: Question): string {
  if (type === 'choice') return `${ask} (${(choices ?? []).join(', ')})`;
  return type === 'yes-no' ? `${ask} (yes, no)` : ask;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
