/**
 * What a difference means for those who read the data. `breaking`: a query that names its columns can fail or
 * answer wrongly, or a promise is taken back. `compatible`: nothing of that, and readers may want to know.
 * `cosmetic`: words and order.
 */
export type ChangeClass = 'breaking' | 'compatible' | 'cosmetic';

export interface ChangeRule {
  class: ChangeClass;
  /** The difference, as the table of docs/protocols/contract-changes.md names it. */
  what: string;
  /** Why it has this class. */
  why: string;
}

function rules(kind: ChangeClass) {
  return (what: string, why: string): ChangeRule => ({ class: kind, what, why });
}

const breaking = rules('breaking');
const compatible = rules('compatible');
const cosmetic = rules('cosmetic');

const CONTRACT_RULES = {
  'contract-id-changed': breaking('`id` of the contract', 'Products and other contracts name it by its id.'),
  'contract-name-changed': cosmetic('`name` of the contract', 'It is a label.'),
  'contract-moved': compatible(
    '`domain`, `tenant` or `dataProduct`',
    'Who answers for the data changes, not the data.',
  ),
  'standard-changed': compatible(
    '`apiVersion`',
    'The data stay; tools that read the contract must know the other version.',
  ),
  'status-retired': breaking('`status` becomes retired', 'What is retired is not promised any more.'),
  'status-changed': compatible('`status` otherwise', 'It announces, and takes nothing back yet.'),
  'terms-changed': compatible(
    '`description.usage` or `description.limitations`',
    'Prose cannot be compared; readers are told and judge.',
  ),
  'context-changed': compatible('`context`', 'Agents read it as advice; no query depends on it.'),
  'price-raised': breaking('the price rises, or there is one now', 'Consumers agreed to less.'),
  'price-lowered': compatible('the price falls, or is gone', 'Nobody pays more.'),
  'price-changed': breaking(
    'currency or unit of the price',
    'The amounts cannot be compared, so it may be more.',
  ),
  'role-added': compatible('a role is added', 'Nobody loses one.'),
  'role-removed': breaking('a role is removed', 'Whoever reads by it loses access.'),
  'role-access-changed': breaking('`access` of a role', 'Whoever has the role may do something else now.'),
  'role-approvers-changed': compatible('approvers of a role', 'Those who have the role keep it.'),
  'support-changed': compatible('support channels', 'The data stay; readers should know where to ask.'),
  'team-changed': cosmetic('the team', "People come and go; the promise is the domain's."),
  'server-added': compatible('a server is added', 'The others stay.'),
  'server-removed': breaking('a server is removed', 'Readers connect to it.'),
  'server-changed': breaking(
    'type, address or format of a server',
    'Readers connect by exactly these values.',
  ),
  'server-roles-changed': compatible('roles or environment of a server', 'The address stays.'),
} satisfies Record<string, ChangeRule>;

const SCHEMA_RULES = {
  'object-added': compatible('an object (table) is added', 'The others stay.'),
  'object-removed': breaking('an object is removed', 'Every query of it fails.'),
  'object-renamed': breaking(
    'the name readers use for an object (`physicalName`, else `name`)',
    'Queries name it.',
  ),
  'object-relabelled': compatible(
    '`name` of an object whose `physicalName` stays',
    'The table keeps its name; references by name in other contracts change.',
  ),
  'object-kind-changed': compatible(
    '`physicalType` of an object, such as table or view',
    'It is queried the same way.',
  ),
  'granularity-changed': compatible(
    '`dataGranularityDescription`',
    'Prose; a key that changes is judged as a key.',
  ),
  'column-added': compatible(
    'a column or struct field is added',
    'Queries that name and qualify their columns do not see it; a struct casts by the names of its fields.',
  ),
  'column-removed': breaking('a column or struct field is removed', 'Queries that name it fail.'),
  'column-renamed': breaking(
    'the name readers use for a column (`physicalName`, else `name`)',
    'Queries that name it fail, however well the ids match.',
  ),
  'column-relabelled': compatible(
    '`name` of a column whose `physicalName` stays',
    'The name in queries stays; references by name in other contracts change.',
  ),
  'columns-reordered': compatible(
    'order of columns',
    'Names count, not positions; files without a header show it.',
  ),
  'id-added': cosmetic('an object or column gets an `id`', 'Nobody refers to it yet.'),
  'id-changed': breaking(
    '`id` of an object or column changes or goes',
    'References of other contracts lead to nothing.',
  ),
  'type-narrowed': breaking(
    'a type that holds less',
    'Sums and products that fitted overflow; precision is lost.',
  ),
  'type-widened': breaking('a type that holds more', 'Values no longer fit into what readers store them in.'),
  'type-changed': breaking(
    'another type, or one that cannot be compared',
    'Comparisons, casts and functions of readers are for the old one.',
  ),
  'logical-type-changed': compatible(
    '`logicalType` over the same stored type',
    'Queries see the stored type.',
  ),
  'type-restated': cosmetic('another spelling of the same type', 'It is the same type.'),
  'required-added': compatible(
    'a column is never null any more',
    'Readers who allow for null are right still.',
  ),
  'required-removed': breaking(
    'a column may be null',
    'Readers had the promise that it is not; joins and sums lose rows.',
  ),
  'unique-added': compatible('a column becomes unique', 'A stronger promise.'),
  'unique-removed': breaking('a column is not unique any more', 'Joins on it multiply rows.'),
  'primary-key-added': compatible('a primary key where there was none', 'A stronger promise.'),
  'primary-key-removed': breaking('the primary key is gone', 'Nothing tells rows apart any more.'),
  'primary-key-changed': breaking(
    'other columns make the primary key',
    'A row stands for something else; merges by the old key are wrong.',
  ),
  'primary-key-reordered': cosmetic("order of the key's columns", 'The same columns tell rows apart.'),
  'partitioning-changed': compatible('partitioning', 'Queries give the same rows; only their speed differs.'),
  'relationship-added': compatible('a relationship is added', 'A stronger promise.'),
  'relationship-removed': breaking(
    'a relationship is removed or leads elsewhere',
    'Joins along it may lose rows.',
  ),
  deprecated: compatible(
    'an object or column is marked `deprecated`',
    'It is still there; readers are told in time.',
  ),
  'deprecation-withdrawn': compatible('the mark `deprecated` is taken back', 'Nothing ends.'),
  'measure-added': compatible('a measure (`semanticType: measure`) is added', 'It is not stored.'),
  'measure-removed': breaking(
    'a measure is removed',
    'Whoever computes it by the contract has lost its definition.',
  ),
  'measure-changed': breaking('a measure is defined otherwise', 'The same name means another number.'),
  'semantic-type-changed': compatible('`semanticType` column or dimension', 'The column stays.'),
} satisfies Record<string, ChangeRule>;

const VALUE_RULES = {
  'enum-added': compatible('a list of values where there was none', 'Fewer values can come.'),
  'enum-removed': breaking('the list of values is gone', 'Values can come that no reader has a case for.'),
  'enum-widened': breaking('the list gets values', 'Values can come that no reader has a case for.'),
  'enum-narrowed': compatible('the list loses values', 'Readers know all that still come.'),
  'bounds-tightened': compatible(
    'a length, range, count or multiple admits less',
    'Readers are ready for all that still comes.',
  ),
  'bounds-loosened': breaking(
    'a length, range, count or multiple admits more, or cannot be compared',
    'Values can come that do not fit what readers made of the promise.',
  ),
  'pattern-added': compatible('`pattern` where there was none', 'Fewer values can come.'),
  'pattern-removed': breaking('`pattern` is gone', 'Texts can come that readers cannot take apart.'),
  'pattern-changed': breaking('another `pattern`', 'Two patterns cannot be compared, so it may admit more.'),
  'format-added': compatible('`format` where there was none', 'A stronger promise.'),
  'format-changed': breaking('another `format`, or none any more', 'Readers parse by it.'),
  'timezone-changed': breaking('`timezone` or `defaultTimezone`', 'The same text means another moment.'),
  'vector-changed': breaking(
    'dimensions, element type or metric of a vector',
    'Distances to vectors that readers keep mean nothing.',
  ),
  'option-changed': compatible('other `logicalTypeOptions`', 'The standard gives them no meaning.'),
  'classification-raised': breaking(
    '`classification` becomes stricter',
    'Readers must handle what they hold with more care, and may lose sight of it.',
  ),
  'classification-lowered': compatible(
    '`classification` becomes less strict, or states what was so',
    'Readers who are careful are careful enough.',
  ),
  'classification-changed': breaking('`classification` in words that have no order', 'It may be stricter.'),
  'critical-changed': compatible('`criticalDataElement`', 'It says how much care the producer takes.'),
  'encrypted-name-changed': breaking('`encryptedName`', 'Readers of the encrypted column name it.'),
  'transform-changed': compatible(
    '`transformSourceObjects` or `transformLogic`',
    'Where values come from; what they promise is judged by itself.',
  ),
} satisfies Record<string, ChangeRule>;

const PROMISE_RULES = {
  'quality-added': compatible('a quality rule is added', 'A stronger promise.'),
  'quality-removed': breaking('a quality rule is removed', 'Releases may hold what it kept out.'),
  'quality-tightened': compatible('a quality rule admits less', 'A stronger promise.'),
  'quality-loosened': breaking('a quality rule admits more', 'Releases may hold what it kept out.'),
  'quality-changed': breaking(
    'a quality rule asks for something else',
    'Two queries cannot be compared, so it may admit more.',
  ),
  'quality-severity-raised': compatible(
    'a warning becomes an error',
    'What only warned now holds a release back.',
  ),
  'quality-severity-lowered': breaking(
    'an error becomes a warning',
    'A release goes out although the rule failed.',
  ),
  'quality-warning-changed': compatible(
    'a rule that only warns is added, changed or removed',
    'It holds no release back, so it promises nothing.',
  ),
  'quality-text-changed': compatible(
    'a rule in words is added, changed or removed',
    'Prose cannot be compared and nobody runs it.',
  ),
  'quality-schedule-changed': compatible('when a quality rule runs', 'What it asks for stays.'),
  'sla-added': compatible('a service level is added', 'A stronger promise.'),
  'sla-removed': breaking('a service level is removed', 'A promise is taken back.'),
  'sla-weakened': breaking('a service level promises less', 'Readers plan by it.'),
  'sla-strengthened': compatible('a service level promises more', 'A stronger promise.'),
  'sla-changed': breaking('a service level in values that cannot be compared', 'It may promise less.'),
  'sla-schedule-changed': compatible('schedule or driver of a service level', 'What it promises stays.'),
  'tags-changed': compatible(
    '`tags`',
    'What policies make of them is a change of policy, judged and told there.',
  ),
  'custom-property-changed': compatible(
    '`customProperties`',
    'The standard gives them no meaning; readers of one may want to know.',
  ),
  'documentation-changed': cosmetic(
    'descriptions, business names, synonyms, examples, definitions',
    'Words for people.',
  ),
  'text-changed': cosmetic('comments, order of keys, spelling of values', 'It says the same.'),
} satisfies Record<string, ChangeRule>;

/** Every kind of difference between two contracts, with its class; a test compares docs and table. */
export const CHANGE_RULES = { ...CONTRACT_RULES, ...SCHEMA_RULES, ...VALUE_RULES, ...PROMISE_RULES };

export type ChangeCode = keyof typeof CHANGE_RULES;

/** The tables of the document, in its order. */
export const CHANGE_GROUPS: Record<string, Record<string, ChangeRule>> = {
  'The contract and its terms': CONTRACT_RULES,
  'Objects, columns and types': SCHEMA_RULES,
  'What values may be': VALUE_RULES,
  'Quality, service levels and notes': PROMISE_RULES,
};
