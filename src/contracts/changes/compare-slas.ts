import type { Contract } from '../odcs.ts';
import type { ServiceLevel } from '../odcs-terms.ts';
import { type ChangeList, type Part, same } from './change.ts';
import { pairElements, partOf } from './pair-elements.ts';
import { relateServiceLevels } from './sla-order.ts';

/** ODCS "Service-Level Agreement". */
export function compareServiceLevels(part: Part<Contract>, changes: ChangeList): void {
  const identities = [({ id }: ServiceLevel) => id, promised, ({ property }: ServiceLevel) => property];
  const { pairs, removed, added } = pairElements(
    part.before.slaProperties,
    part.after.slaProperties,
    identities,
  );
  for (const { item, index } of removed) {
    const message = `the service level ${item.property} is removed`;
    const key = ['slaProperties', index];
    changes.add(part, 'sla-removed', { message, key, gone: true, columns: columnsOf(item) });
  }
  for (const { item, index } of added) {
    const message = `the service level ${item.property} is added`;
    changes.add(part, 'sla-added', { message, key: ['slaProperties', index], gone: false, columns: [] });
  }
  for (const pair of pairs) compareLevel(partOf(part, 'slaProperties', pair), changes);
  if (part.before.slaDefaultElement !== part.after.slaDefaultElement) {
    const message = 'service levels without an `element` are about another one';
    changes.add(part, 'sla-changed', { message, key: ['slaDefaultElement'] });
  }
}

function promised({ property, element }: ServiceLevel): string {
  return `${property} ${element ?? ''}`;
}

/** `table.column`, several with commas between (ODCS `element`). */
function columnsOf({ element = '' }: ServiceLevel): string[][] {
  return element
    .split(',')
    .map((name) => name.trim().split('.').slice(1))
    .filter((steps) => steps.length > 0);
}

function compareLevel(part: Part<ServiceLevel>, changes: ChangeList): void {
  const { before, after } = part;
  const name = `the service level ${after.property}`;
  const columns = columnsOf(before);
  if (before.property !== after.property || before.element !== after.element) {
    const message = `${name} is about something else than before`;
    changes.add(part, 'sla-changed', { message, key: ['element'], columns });
  }
  const order = relateServiceLevels(before, after);
  if (order !== 'same') {
    const message = `${name} was ${print(before)} and is ${print(after)}`;
    const code = order === 'unclear' ? 'sla-changed' : (`sla-${order}` as const);
    changes.add(part, code, { message, key: ['value'], columns });
  }
  const when = ({ schedule, scheduler, driver }: ServiceLevel) => ({ schedule, scheduler, driver });
  if (!same(when(before), when(after))) {
    const message = `${name} has another schedule or driver`;
    changes.add(part, 'sla-schedule-changed', { message, columns });
  }
  const words = ({ id, description, customProperties, authoritativeDefinitions }: ServiceLevel) => ({
    ...{ id, description, customProperties, authoritativeDefinitions },
  });
  if (!same(words(before), words(after))) {
    changes.add(part, 'documentation-changed', { message: `${name} is described otherwise`, columns });
  }
}

function print({ value, valueExt, unit }: ServiceLevel): string {
  return [value, valueExt, unit]
    .filter((word) => word !== undefined)
    .map(String)
    .join(' ');
}
