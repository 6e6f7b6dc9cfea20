import { canonicalJson } from '../../base/canonical.ts';
import { severityOf } from '../checks.ts';
import { columnName } from '../column-type.ts';
import { type CheckBody, describeQuality, type QualitySubject } from '../describe-quality.ts';
import { OPERATORS, type QualityRule, qualityType } from '../odcs-quality.ts';
import type { ItemProperty, SchemaObject, SchemaProperty } from '../odcs-schema.ts';
import type { ChangeCode } from './change-rules.ts';
import { type ChangeList, type Part, printSubject, same, sameSet } from './change.ts';
import { type Admission, combine, relateThresholds } from './intervals.ts';
import { formerNames, pairColumns, pairElements, partOf } from './pair-elements.ts';

type Ruled = ItemProperty | SchemaObject;

/** The quality rules of a table or of a column. */
export function compareQuality(part: Part<Ruled>, changes: ChangeList): void {
  const { before, after, subject } = part;
  const identities = [
    canonicalJson,
    ({ id }: QualityRule) => id,
    asked,
    ({ name }: QualityRule) => name,
    measured,
  ];
  const { pairs, removed, added } = pairElements(before.quality, after.quality, identities);
  for (const { item, index } of removed) {
    const message = `${title(item)} of ${printSubject(subject)} is removed`;
    const key = ['quality', index];
    changes.add(part, codeFor(item, 'quality-removed'), {
      message,
      key,
      gone: true,
      ...affected(part, item),
    });
  }
  for (const { item, index } of added) {
    const message = `${title(item)} of ${printSubject(subject)} is added`;
    const key = ['quality', index];
    changes.add(part, codeFor(item, 'quality-added'), { message, key, gone: false, ...affected(part, item) });
  }
  for (const pair of pairs) compareRule(part, partOf(part, 'quality', pair), changes);
}

/** All that a rule asks for but its threshold. */
function asked(rule: QualityRule): string {
  const { metric, arguments: given, query, engine, implementation } = rule;
  const words = qualityType(rule) === 'text' ? rule.description : undefined;
  return canonicalJson({
    type: qualityType(rule),
    metric,
    given,
    query: query && tidy(query),
    engine,
    implementation,
    words,
  });
}

/** Last of all: the only rule of its metric on both sides was changed rather than replaced. */
function measured(rule: QualityRule): string {
  return `${qualityType(rule)} ${rule.metric ?? rule.engine ?? ''}`;
}

function tidy(query: string): string {
  return query.trim().replace(/\s+/g, ' ');
}

function title(rule: QualityRule): string {
  const what = rule.id ?? rule.name ?? rule.metric ?? qualityType(rule);
  return `the quality rule \`${what}\``;
}

function promises(rule: QualityRule): boolean {
  return severityOf(rule) === 'error';
}

function isText(rule: QualityRule): boolean {
  return ['text', 'none'].includes(qualityType(rule));
}

/** Words are nobody's promise, and a warning holds nothing back. */
function codeFor(rule: QualityRule, code: ChangeCode): ChangeCode {
  if (isText(rule)) return 'quality-text-changed';
  return promises(rule) ? code : 'quality-warning-changed';
}

/** A rule of a table that names columns is about these. */
function affected({ before, subject }: Part<Ruled>, { arguments: given }: QualityRule) {
  const listed = given?.['properties'];
  if (subject.column.length > 0 || !Array.isArray(listed)) return {};
  const names = columnNames(before.properties);
  return { columns: listed.map((name) => [names.get(String(name)) ?? String(name)]) };
}

function columnNames(properties: SchemaProperty[] = []): Map<string, string> {
  return new Map(properties.map((property) => [property.name, columnName(property)]));
}

function compareRule(holder: Part<Ruled>, part: Part<QualityRule>, changes: ChangeList): void {
  const { before, after, subject } = part;
  const what = `${title(after)} of ${printSubject(subject)}`;
  const facts = affected(holder, before);
  const [was, is] = [promises(before), promises(after)];
  if (was !== is && !isText(after)) {
    const code = is ? 'quality-severity-raised' : 'quality-severity-lowered';
    const message = is ? `${what} holds releases back now` : `${what} only warns now`;
    changes.add(part, code, { message, key: ['severity'], ...facts });
  }
  const relation = relateRules(holder, part);
  if (relation !== 'same') {
    const how = { tightened: 'admits less', loosened: 'admits more', unclear: 'asks for something else' }[
      relation
    ];
    const code = (
      { tightened: 'quality-tightened', loosened: 'quality-loosened', unclear: 'quality-changed' } as const
    )[relation];
    // What was no promise cannot be taken back.
    changes.add(part, codeFor(before, code), { message: `${what} ${how}`, ...facts });
  }
  const judged = [
    ...(was === is ? [] : ['severity']),
    ...(isText(before) || isText(after) ? ['description'] : []),
  ];
  if (before.schedule !== after.schedule || before.scheduler !== after.scheduler) {
    const message = `${what} runs at other times`;
    changes.add(part, 'quality-schedule-changed', { message, key: ['schedule'], ...facts });
  }
  if (!same(described(before, judged), described(after, judged))) {
    changes.add(part, 'documentation-changed', { message: `${what} is described otherwise`, ...facts });
  }
}

const JUDGED = new Set<string>([
  ...OPERATORS,
  ...['type', 'metric', 'arguments', 'query', 'engine', 'implementation', 'unit', 'schedule', 'scheduler'],
]);

/** What is left of a rule when all that is judged is taken away. */
function described(rule: QualityRule, judged: readonly string[]): Record<string, unknown> {
  const rest = Object.entries(rule).filter(([key]) => !JUDGED.has(key) && !judged.includes(key));
  // An error is what a rule without a word is.
  return {
    ...(judged.includes('severity') ? {} : { severity: severityOf(rule) }),
    ...Object.fromEntries(rest),
  };
}

/** How what the rule lets pass changed. */
function relateRules(holder: Part<Ruled>, { before, after, subject }: Part<QualityRule>): Admission {
  if (qualityType(before) !== qualityType(after)) return 'unclear';
  if (isText(before)) return before.description === after.description ? 'same' : 'unclear';
  const former = formerNames(pairColumns(holder.before.properties, holder.after.properties), columnName);
  const subjectOf = (element: Ruled, names: Map<string, string>): QualitySubject => ({
    column: subject.column.length > 0 ? subject.column : null,
    property: subject.column.length > 0 ? (element as ItemProperty) : null,
    name: '',
    columnOf: (name) => names.get(name) ?? name,
  });
  const was = describeQuality(before, subjectOf(holder.before, columnNames(holder.before.properties)));
  const is = describeQuality(after, subjectOf(holder.after, former));
  if (was.kind === 'not-run' || is.kind === 'not-run')
    return asked(before) === asked(after) ? 'same' : 'unclear';
  return combine([relateSubjects(was, is), relateLimits(was, is)]);
}

function relateLimits(was: CheckBody, is: CheckBody): Admission {
  if (!('threshold' in was) || !('threshold' in is)) return 'same';
  const units = [was, is].map((body) => ('unit' in body ? body.unit : 'rows'));
  const counts = was.kind !== 'sql';
  // No failing row is the same in rows and in percent; other numbers are not.
  const none = (body: typeof was) => relateThresholds(body.threshold, NO_ROW, true) === 'same';
  if (units[0] !== units[1] && !none(was) && !none(is)) return 'unclear';
  return relateThresholds(was.threshold, is.threshold, counts);
}

const NO_ROW = { operator: 'equal', value: { kind: 'number', value: '0' } } as const;

/** What is counted: where few rows may fail, counting more of them is the tighter rule. */
function relateSubjects(was: CheckBody, is: CheckBody): Admission {
  const relation = relateCounted(was, is);
  return relation === 'same' || (admitsFew(was) && admitsFew(is)) ? relation : 'unclear';
}

function admitsFew(body: CheckBody): boolean {
  if (!('threshold' in body) || 'low' in body.threshold) return false;
  const { operator, value } = body.threshold;
  const isNone = value.kind === 'number' && value.value === '0';
  return operator === 'less' || operator === 'less-or-equal' || (operator === 'equal' && isNone);
}

function relateCounted(was: CheckBody, is: CheckBody): Admission {
  if (was.kind === 'valid-values' && is.kind === 'valid-values') return relateSets(is.values, was.values);
  if (was.kind === 'missing-values' && is.kind === 'missing-values') return relateSets(was.values, is.values);
  if (was.kind === 'unique' && is.kind === 'unique') return relateSets(is.columns, was.columns);
  const subject = ({ title: _title, ...body }: CheckBody) => {
    const rest = { ...body, threshold: null, unit: null };
    return 'query' in rest ? { ...rest, query: tidy(rest.query) } : rest;
  };
  return same(subject(was), subject(is)) ? 'same' : 'unclear';
}

/** `tightened` when the second set holds the first and more. */
function relateSets(inner: readonly unknown[], outer: readonly unknown[]): Admission {
  if (sameSet(inner, outer)) return 'same';
  const texts = (values: readonly unknown[]) => new Set(values.map((value) => canonicalJson(value)));
  const [few, many] = [texts(inner), texts(outer)];
  if (few.isSubsetOf(many)) return 'tightened';
  return many.isSubsetOf(few) ? 'loosened' : 'unclear';
}
