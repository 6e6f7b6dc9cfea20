import type { Problem } from '../../base/errors.ts';
import type { AgreedTerms, RequestAnswer } from '../../store/schema.ts';
import { joinForms } from './join-forms.ts';
import { type GivenAnswers, readAnswers, unaskedProblems } from './read-answers.ts';
import type { AskedForm } from './store.ts';
import { agreedTerms } from './terms.ts';

/** What was answered to one product's form. */
export interface FilledForm {
  answers: RequestAnswer[];
  terms: AgreedTerms | null;
}

/** Holds one set of answers against the forms of several products: each keeps what it asks. Pure. */
export function fillForms(
  forms: readonly AskedForm[],
  { answers, agreed }: { answers: GivenAnswers; agreed: readonly string[] },
): { filled: FilledForm[]; problems: Problem[] } {
  const { questions, problems: conflicts } = joinForms(forms);
  const joined = readAnswers({ questions }, answers);
  const problems = [...conflicts, ...joined.problems, ...unaskedProblems(questions, answers)];
  const filled = forms.map((form): FilledForm => {
    const asked = new Set(form.questions.map(({ name }) => name));
    if (!form.terms) return { answers: joined.answers.filter(({ name }) => asked.has(name)), terms: null };
    if (!agreed.includes(form.agreement.version)) problems.push(missingAgreement(form));
    return {
      answers: joined.answers.filter(({ name }) => asked.has(name)),
      terms: agreedTerms(form.agreement),
    };
  });
  return { filled, problems };
}

function missingAgreement({ product, agreement }: AskedForm): Problem {
  return {
    message: `the terms of ${product} are not agreed to as they are now: read them, and agree to version ${agreement.version}`,
    pointer: '/agreed',
  };
}
