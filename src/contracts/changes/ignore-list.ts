import { z } from 'zod';
import type { Finding } from '../finding.ts';
import { closed, date, oneOf } from '../model-elements.ts';
import type { SourceText } from '../parse-document.ts';
import { readDocument } from '../read-document.ts';
import { CHANGE_RULES, type ChangeCode } from './change-rules.ts';
import type { ContractChange } from './change.ts';

const codes = Object.keys(CHANGE_RULES) as [ChangeCode, ...ChangeCode[]];

const ignoreList = closed({
  ignore: z.array(
    closed({
      code: oneOf(codes),
      pointer: z.string().regex(/^(\/.*)?$/, 'must be a JSON pointer, as the differences show it'),
      reason: z.string().refine((reason) => reason.trim() !== '', 'must say why'),
      until: date,
    }),
  ),
});

/** A difference that is accepted although it is one: which, why, until when. */
export type IgnoreEntry = z.infer<typeof ignoreList>['ignore'][number];

/** Reads an ignore list; throws `contract.ignore-list` with every problem, also for entries that ended before today. */
export function readIgnoreList(source: SourceText, today: Date): readonly IgnoreEntry[] {
  const day = today.toISOString().slice(0, 10);
  const findEnded = ({ ignore }: { ignore: IgnoreEntry[] }): Finding[] =>
    ignore.flatMap(({ until }, index) =>
      until >= day
        ? []
        : [
            {
              path: ['ignore', index, 'until'],
              message: `this entry ended on ${until}: remove it, or decide again`,
            },
          ],
    );
  const kind = { code: 'contract.ignore-list', model: ignoreList, rules: [findEnded] } as const;
  return readDocument(source, { ...kind, rules: [...kind.rules] }).value.ignore;
}

export interface SortedChanges {
  /** Differences that count. */
  counted: readonly ContractChange[];
  ignored: readonly { change: ContractChange; entry: IgnoreEntry }[];
  /** Entries that no difference has: they may be removed. */
  unused: readonly IgnoreEntry[];
}

/** Takes out what the list accepts: the same code at the same pointer. */
export function ignoreChanges(
  changes: readonly ContractChange[],
  list: readonly IgnoreEntry[],
): SortedChanges {
  const entryOf = ({ code, pointer }: ContractChange) =>
    list.find((entry) => entry.code === code && entry.pointer === pointer);
  const ignored = changes.flatMap((change) => {
    const entry = entryOf(change);
    return entry ? [{ change, entry }] : [];
  });
  const used = new Set(ignored.map(({ entry }) => entry));
  return {
    counted: changes.filter((change) => !entryOf(change)),
    ignored,
    unused: list.filter((entry) => !used.has(entry)),
  };
}
