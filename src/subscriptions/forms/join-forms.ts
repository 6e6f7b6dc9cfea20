import type { Problem } from '../../base/errors.ts';
import type { Question } from './request-form.ts';
import type { AskedForm } from './store.ts';

/** The questions of several products as one form: what they ask alike is asked once, as strictly as any does. Pure. */
export function joinForms(forms: readonly AskedForm[]): { questions: Question[]; problems: Problem[] } {
  const joined = new Map<string, { question: Question; product: string }>();
  const problems: Problem[] = [];
  for (const { product, questions } of forms) {
    for (const question of questions) {
      const known = joined.get(question.name);
      if (known === undefined) joined.set(question.name, { question, product });
      else if (known.question.ask !== question.ask || known.question.type !== question.type) {
        const message = `${known.product} and ${product} ask different things as ${question.name}: request them apart`;
        problems.push({ message, pointer: `/answers/${question.name}` });
      } else joined.set(question.name, { ...known, question: strictest(known.question, question) });
    }
  }
  return { questions: [...joined.values()].map(({ question }) => question), problems };
}

function strictest(left: Question, right: Question): Question {
  const choices = left.choices?.filter((choice) => right.choices?.includes(choice)) ?? null;
  return { ...left, choices, required: left.required || right.required };
}
