import {
  checkParsePolicySet,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  statefulIsAuthorized,
  validate,
  type CedarValueJson,
  type DetailedError,
  type EntityJson,
  type Expr,
  type PolicyJson,
  type TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs';
import { MeshError } from '../base/errors.ts';
import { Recent } from '../base/recent.ts';
import { CEDAR_SCHEMA } from './cedar-schema.ts';
import { Slots } from './slots.ts';

/** The only file that calls Cedar. Everything here is synchronous and without I/O. */
export type CedarEntity = EntityJson;
export type CedarUid = TypeAndId;

/** One policy of a text. */
export interface PolicyPart {
  text: string;
  /** Its `@id`, by which reasons name it. */
  id: string | undefined;
  /** Actions it is limited to; `null` for all. */
  actions: string[] | null;
  effect: 'permit' | 'forbid';
  /** Its conditions as Cedar's JSON writes them. */
  conditions: CedarExpression[];
  /** Whether it can tell a dataset from its product: by their types and names, or by their tags. */
  tellsApart: { byType: boolean; byTags: boolean };
}

/** An expression in Cedar's JSON form ("JSON policy format"): one operator with its arguments. */
export type CedarExpression = Expr;

/** A finding of Cedar with its place, in UTF-16 offsets of the text. */
export interface CedarFinding {
  message: string;
  offset: number;
}

/** The policies of a text, or `null` when it cannot be parsed or holds templates. */
export function splitPolicies(text: string): PolicyPart[] | null {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure' || parts.policy_templates.length > 0) return null;
  return parts.policies.map((policy) => {
    const answer = policyToJson(policy);
    if (answer.type === 'failure') throw new MeshError('internal', { detail: describe(answer.errors[0]!) });
    const { json } = answer;
    return {
      ...{ text: policy, id: json.annotations?.id, actions: actionsOf(json), effect: json.effect },
      conditions: json.conditions.map(({ body }) => body),
      tellsApart: tellsApart(json),
    };
  });
}

/** Words that are there for another reason only cost a question more. */
function tellsApart({ resource, conditions }: PolicyJson): PolicyPart['tellsApart'] {
  const said = JSON.stringify([resource, conditions]);
  return {
    byType: /"(Product|Dataset|product)"/.test(said),
    byTags: /"(getTag|hasTag|classification)"/.test(said),
  };
}

function actionsOf({ action }: PolicyJson): string[] | null {
  if (action.op === 'All') return null;
  if (action.op === '==') return 'entity' in action ? [uidOf(action.entity).id] : null;
  return ('entities' in action ? action.entities : [action.entity]).map((entity) => uidOf(entity).id);
}

function uidOf(entity: TypeAndId | { __entity: TypeAndId }): TypeAndId {
  return '__entity' in entity ? entity.__entity : entity;
}

/** Everything Cedar finds wrong with a text: its syntax, or else what the schema of the mesh does not allow. */
export function findPolicyMistakes(text: string): CedarFinding[] {
  const parsed = checkParsePolicySet({ staticPolicies: text });
  if (parsed.type === 'failure') return parsed.errors.map((error) => findingOf(error, text));
  const answer = validate({ schema: CEDAR_SCHEMA, policies: { staticPolicies: text } });
  if (answer.type === 'failure') return answer.errors.map((error) => findingOf(error, text));
  const wrong = new Set(answer.validationErrors.map(({ policyId }) => policyId));
  // A warning such as "policy is impossible" only repeats an error of the same policy.
  const alone = answer.validationWarnings.filter(({ policyId }) => !wrong.has(policyId));
  return [...answer.validationErrors, ...alone].map(({ error }) => findingOf(error, text));
}

function findingOf(error: DetailedError, text: string): CedarFinding {
  const location = error.sourceLocations?.[0];
  const label = location?.label ? `${describe(error)}: ${location.label}` : describe(error);
  return { message: label, offset: characterOffset(text, location?.start ?? 0) };
}

/** Cedar counts bytes of UTF-8. */
function characterOffset(text: string, byteOffset: number): number {
  return Buffer.from(text).subarray(0, byteOffset).toString().length;
}

/** Cedar's sentence without the number it gives to a policy, with its advice. */
function describe({ message, help }: DetailedError): string {
  const sentence = message
    .replace(/^for policy `[^`]*`, /, '')
    .replace(/^failed to parse policies from string: /, '');
  return help ? `${sentence}; ${help}` : sentence;
}

export interface CedarRequest {
  principal: CedarUid;
  action: CedarUid;
  resource: CedarUid;
  context: Record<string, CedarValueJson>;
  /** Only what the request can reach: principal, resource, their parents. */
  entities: CedarEntity[];
}

export interface CedarVerdict {
  allowed: boolean;
  /** Names of the policies that decided; empty for the default deny. */
  deciding: string[];
  errors: string[];
}

/** Parsed policies, by the hash of their text. */
export interface CedarPolicies {
  hash: string;
  /** Name to text. */
  policies: Record<string, string>;
}

/**
 * Cedar's verdict. A policy that errors would be skipped by Cedar, a `forbid` as well, so any error denies.
 */
export function authorize(request: CedarRequest, policies: CedarPolicies): CedarVerdict {
  const question = `${policies.hash} ${JSON.stringify(request)}`;
  const known = verdicts.get(question);
  if (known !== undefined) return known;
  const verdict = ask(request, policies);
  if (verdict.errors.length === 0) verdicts.set(question, verdict);
  return verdict;
}

/** The same question has the same answer; people ask for the same things again. Errors are worked out each time. */
const verdicts = new Recent<string, CedarVerdict>(10_000);

function ask(request: CedarRequest, policies: CedarPolicies): CedarVerdict {
  const answer = statefulIsAuthorized({ ...request, preparsedPolicySetId: slotOf(policies) });
  if (answer.type === 'failure') {
    return { allowed: false, deciding: [], errors: answer.errors.map(describe) };
  }
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${describe(error)}`);
  return { allowed: decision === 'allow' && errors.length === 0, deciding: diagnostics.reason, errors };
}

/** Cedar keeps every prepared set for ever: 1,000 sets of 50 policies are some 100 MB. */
const slots = new Slots(1_000);

function slotOf({ hash, policies }: CedarPolicies): string {
  return slots.take(hash, (slot) => {
    const answer = preparsePolicySet(slot, { staticPolicies: policies });
    if (answer.type === 'failure') throw new MeshError('internal', { detail: describe(answer.errors[0]!) });
  });
}
