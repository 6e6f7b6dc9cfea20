import type { RefObject } from 'react';
import { Field, TextInput } from '../parts/field.tsx';

type SubjectInput = RefObject<HTMLInputElement | null>;

/** The value as it is sent: out of the field, and so out of the page. */
export function takeSubject(input: SubjectInput): string {
  const value = input.current?.value.trim() ?? '';
  if (input.current) input.current.value = '';
  return value;
}

interface SubjectFieldProps {
  input: SubjectInput;
  hint?: string;
  problem: string | undefined;
}

/** The key of a person: the field alone has it, no state, no address, no storage, no autofill. */
export function SubjectField({ input, hint = DEFAULT_HINT, problem }: SubjectFieldProps) {
  return (
    <Field label="Key or identifier of the person" hint={hint} problem={problem}>
      {(ids) => (
        <TextInput
          {...ids}
          ref={input}
          required
          maxLength={1_000}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="font-mono"
        />
      )}
    </Field>
  );
}

const DEFAULT_HINT =
  'For example a customer number or an e-mail address. It is not kept, not even in this page.';
