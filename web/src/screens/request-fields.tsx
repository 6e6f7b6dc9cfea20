import { useQuery } from '@tanstack/react-query';
import type { Question, RequestForm, Terms } from '../subscription-types.ts';
import { useDomainTitle } from '../parts/domain-name.tsx';
import { Field, Optional, Select, TextArea, TextInput } from '../parts/field.tsx';
import { ErrorNotice, Loading, problemAt } from '../parts/notice.tsx';
import { Inline } from '../parts/prose.tsx';
import { requestFormQuery } from '../queries.ts';

/** A request as it is being written. */
export interface Asked {
  domain: string;
  purpose: string;
  until: string;
  answers: Record<string, string>;
  /** Versions of the terms agreed to. */
  agreed: string[];
}

export const nothingAsked = (domain: string): Asked => ({
  ...{ domain, purpose: '', until: '', answers: {}, agreed: [] },
});

/** What goes to the server: an answer that was taken back is none. */
export function askedBody({ domain, purpose, until, answers, agreed }: Asked) {
  const given = Object.entries(answers).filter(([, answer]) => answer.trim() !== '');
  return {
    domain,
    purpose: purpose.trim(),
    ...(until && { until }),
    answers: Object.fromEntries(given),
    agreed,
  };
}

interface RequestFieldsProps {
  /** `domain.product` of each product asked for. */
  products: string[];
  domains: string[];
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
  error: unknown;
}

/** Everything that a request for these products has to say. */
export function RequestFields({ products, domains, asked, onChange, error }: RequestFieldsProps) {
  const form = useQuery(requestFormQuery(products));
  return (
    <>
      {domains.length > 1 && <DomainField domains={domains} asked={asked} onChange={onChange} />}
      <Field
        label="Purpose"
        hint="What you will do with it. The steward decides by this."
        problem={problemAt(error, '/purpose')}
      >
        {(ids) => (
          <TextArea
            {...ids}
            required
            rows={3}
            value={asked.purpose}
            onChange={(event) => onChange({ purpose: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={
          <>
            Until <Optional />
          </>
        }
        problem={problemAt(error, '/until')}
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="date"
            value={asked.until}
            onChange={(event) => onChange({ until: event.target.value })}
          />
        )}
      </Field>
      {form.isPending && <Loading label="Reading what is asked" />}
      {form.isError && <ErrorNotice error={form.error} retry={() => void form.refetch()} />}
      {form.data && <FormFields form={form.data} asked={asked} onChange={onChange} error={error} />}
    </>
  );
}

type PartProps = Pick<RequestFieldsProps, 'asked' | 'onChange' | 'error'>;

function DomainField({ domains, asked, onChange }: Omit<PartProps, 'error'> & { domains: string[] }) {
  const titleOf = useDomainTitle();
  return (
    <Field label="For the domain">
      {(ids) => (
        <Select {...ids} value={asked.domain} onChange={(event) => onChange({ domain: event.target.value })}>
          {domains.map((name) => (
            <option key={name} value={name}>
              {titleOf(name)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function FormFields({ form, asked, onChange, error }: PartProps & { form: RequestForm }) {
  const answer = (name: string, text: string) => onChange({ answers: { ...asked.answers, [name]: text } });
  const agree = (version: string, agrees: boolean) => {
    const others = asked.agreed.filter((one) => one !== version);
    onChange({ agreed: agrees ? [...others, version] : others });
  };
  return (
    <>
      {form.questions.map((question) => (
        <QuestionField
          key={question.name}
          question={question}
          answer={asked.answers[question.name] ?? ''}
          problem={problemAt(error, `/answers/${question.name}`)}
          onAnswer={(text) => answer(question.name, text)}
        />
      ))}
      {form.terms.map((terms) => (
        <TermsField
          key={terms.version}
          terms={terms}
          agrees={asked.agreed.includes(terms.version)}
          onAgree={(agrees) => agree(terms.version, agrees)}
        />
      ))}
    </>
  );
}

interface QuestionFieldProps {
  question: Question;
  answer: string;
  problem: string | undefined;
  onAnswer: (text: string) => void;
}

function QuestionField({ question, answer, problem, onAnswer }: QuestionFieldProps) {
  const { ask, type, required } = question;
  const choices = type === 'yes-no' ? ['yes', 'no'] : question.choices;
  return (
    <Field label={required ? ask : <LabelOptional text={ask} />} problem={problem}>
      {(ids) =>
        choices ? (
          <Select
            {...ids}
            required={required}
            value={answer}
            onChange={(event) => onAnswer(event.target.value)}
          >
            <option value="">{required ? 'choose' : 'no answer'}</option>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </Select>
        ) : (
          <TextInput
            {...ids}
            type={type === 'date' ? 'date' : 'text'}
            required={required}
            value={answer}
            onChange={(event) => onAnswer(event.target.value)}
          />
        )
      }
    </Field>
  );
}

const LabelOptional = ({ text }: { text: string }) => (
  <>
    {text} <Optional />
  </>
);

interface TermsFieldProps {
  terms: Terms;
  agrees: boolean;
  onAgree: (agrees: boolean) => void;
}

function TermsField({ terms, agrees, onAgree }: TermsFieldProps) {
  const { product, version, contracts } = terms;
  return (
    <fieldset className="min-w-0 space-y-2">
      <legend className="text-sm font-medium">Terms of {product}</legend>
      <dl className="max-h-48 space-y-2 overflow-y-auto rounded-lg border border-line p-3 text-sm">
        {contracts.map((contract) => (
          <div key={contract.dataset}>
            <dt className="font-mono text-xs text-ink-faint">
              {contract.dataset} {contract.version}
            </dt>
            {[contract.usage, contract.limitations].map(
              (text, index) =>
                text && (
                  <dd key={index} className="text-ink-soft">
                    <Inline text={text} />
                  </dd>
                ),
            )}
            {!contract.usage && !contract.limitations && (
              <dd className="text-ink-faint">The contract says nothing about its use.</dd>
            )}
          </div>
        ))}
      </dl>
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          required
          checked={agrees}
          onChange={(event) => onAgree(event.target.checked)}
          className="size-4 accent-accent"
        />
        I agree to these terms (version {version})
      </label>
    </fieldset>
  );
}
