import { compareDecimals, decimalText } from '../exact-number.ts';
import type { Contract } from '../odcs.ts';
import type { Server } from '../odcs-servers.ts';
import type { Price, Role, Team } from '../odcs-terms.ts';
import { type ChangeList, type Part, same, sameSet } from './change.ts';
import { compareCustomProperties, compareWords } from './compare-annotations.ts';
import { pairElements, partOf } from './pair-elements.ts';

/** Price, roles, support, team and servers. */
export function compareTerms(part: Part<Contract>, changes: ChangeList): void {
  comparePrice(part, changes);
  compareRoles(part, changes);
  compareServers(part, changes);
  if (!sameSet(part.before.support, part.after.support)) {
    changes.add(part, 'support-changed', { message: 'the support channels change', key: ['support'] });
  }
  if (!same(teamOf(part.before.team), teamOf(part.after.team))) {
    changes.add(part, 'team-changed', { message: 'the team changes', key: ['team'] });
  }
}

/** The list of members is the form of 3.0. */
function teamOf(team: Team | undefined): object {
  return Array.isArray(team) ? { members: team } : (team ?? {});
}

function comparePrice(part: Part<Contract>, changes: ChangeList): void {
  const [was, is] = [part.before.price, part.after.price];
  const [low, high] = [amountOf(was), amountOf(is)];
  const key = ['price'];
  const order = compareDecimals(high, low);
  const unit = (price: Price = {}) => [price.priceCurrency, price.priceUnit];
  if (low !== '0' && high !== '0' && !same(unit(was), unit(is))) {
    changes.add(part, 'price-changed', { message: 'the price is in another currency or unit', key });
  } else if (order !== 0) {
    const message = `the price ${order > 0 ? 'rises' : 'falls'} from ${low} to ${high}`;
    changes.add(part, order > 0 ? 'price-raised' : 'price-lowered', { message, key });
  } else if (!same(unit(was), unit(is)) || was?.id !== is?.id) {
    changes.add(part, 'documentation-changed', { message: 'the price is described otherwise', key });
  }
}

function amountOf(price: Price | undefined): string {
  return price?.priceAmount === undefined ? '0' : decimalText(price.priceAmount);
}

function compareRoles(part: Part<Contract>, changes: ChangeList): void {
  const { pairs, removed, added } = pairElements(part.before.roles, part.after.roles, [
    ({ role }) => role,
    ({ id }) => id,
  ]);
  for (const { item, index } of removed) {
    const message = `the role ${item.role} is removed`;
    changes.add(part, 'role-removed', { message, key: ['roles', index], gone: true });
  }
  for (const { item, index } of added) {
    changes.add(part, 'role-added', {
      message: `the role ${item.role} is added`,
      key: ['roles', index],
      gone: false,
    });
  }
  for (const pair of pairs) compareRole(partOf(part, 'roles', pair), changes);
}

function compareRole(part: Part<Role>, changes: ChangeList): void {
  const { before, after } = part;
  const name = `the role ${before.role}`;
  if (before.role !== after.role) {
    changes.add(part, 'role-removed', { message: `${name} is renamed to ${after.role}`, key: ['role'] });
  }
  if (before.access !== after.access) {
    const message = `${name} gives access ${after.access ?? 'to nothing said'} instead of ${before.access ?? 'nothing said'}`;
    changes.add(part, 'role-access-changed', { message, key: ['access'] });
  }
  const approvers = ({ firstLevelApprovers, secondLevelApprovers }: Role) => [
    firstLevelApprovers,
    secondLevelApprovers,
  ];
  if (!same(approvers(before), approvers(after))) {
    changes.add(part, 'role-approvers-changed', { message: `${name} has other approvers` });
  }
  compareCustomProperties(part, changes);
  compareWords(part, ['description', 'id'], changes);
}

/** By these a reader connects. */
const NO_ADDRESS = new Set(['id', 'description', 'environment', 'roles', 'customProperties']);

function compareServers(part: Part<Contract>, changes: ChangeList): void {
  const { pairs, removed, added } = pairElements(part.before.servers, part.after.servers, [
    ({ server }) => server,
    ({ id }) => id,
  ]);
  for (const { item, index } of removed) {
    const message = `the server ${item.server} is removed`;
    changes.add(part, 'server-removed', { message, key: ['servers', index], gone: true });
  }
  for (const { item, index } of added) {
    const message = `the server ${item.server} is added`;
    changes.add(part, 'server-added', { message, key: ['servers', index], gone: false });
  }
  for (const pair of pairs) compareServer(partOf(part, 'servers', pair), changes);
}

function compareServer(part: Part<Server>, changes: ChangeList): void {
  const { before, after } = part;
  const address = (server: Server) =>
    Object.fromEntries(Object.entries(server).filter(([key]) => !NO_ADDRESS.has(key)));
  if (!same(address(before), address(after))) {
    changes.add(part, 'server-changed', { message: `the server ${before.server} is reached otherwise` });
  }
  if (before.environment !== after.environment || !sameSet(before.roles, after.roles)) {
    const message = `the server ${before.server} has another environment or other roles`;
    changes.add(part, 'server-roles-changed', { message });
  }
  compareCustomProperties(part, changes);
  compareWords(part, ['description', 'id'], changes);
}
