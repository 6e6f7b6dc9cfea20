import { z } from 'zod';
import {
  annotations,
  authoritativeDefinitions,
  closed,
  customProperties,
  date,
  exactNumber,
  scalar,
  stableId,
  text,
} from './model-elements.ts';

/** ODCS "Support & communication channels"; ODPS has the same with a required `url`. */
export const supportShape = {
  id: stableId.optional(),
  channel: text,
  url: text.optional(),
  description: text.optional(),
  tool: text.optional(),
  scope: text.optional(),
  invitationUrl: text.optional(),
  customProperties: customProperties.optional(),
};

export const support = z.array(closed(supportShape));

/** ODCS "Pricing": the amount stays exact. */
export const price = closed({
  id: stableId.optional(),
  priceAmount: exactNumber.optional(),
  priceCurrency: text.optional(),
  priceUnit: text.optional(),
});

export const teamMember = closed({
  id: stableId.optional(),
  username: text,
  name: text.optional(),
  description: text.optional(),
  role: text.optional(),
  dateIn: date.optional(),
  dateOut: date.optional(),
  replacedByUsername: text.optional(),
  ...annotations,
});

export const teamObject = closed({
  id: stableId.optional(),
  name: text.optional(),
  description: text.optional(),
  members: z.array(teamMember).optional(),
  ...annotations,
});

/** The list of members is the form of 3.0, valid until version 4. */
export const team = z.union([teamObject, z.array(teamMember)]);

export const role = closed({
  id: stableId.optional(),
  role: text,
  description: text.optional(),
  access: text.optional(),
  firstLevelApprovers: text.optional(),
  secondLevelApprovers: text.optional(),
  customProperties: customProperties.optional(),
});

export const serviceLevel = closed({
  id: stableId.optional(),
  property: text,
  value: scalar,
  valueExt: scalar.optional(),
  unit: text.optional(),
  element: text.optional(),
  driver: text.optional(),
  description: text.optional(),
  scheduler: text.optional(),
  schedule: text.optional(),
  customProperties: customProperties.optional(),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
});

export type ServiceLevel = z.infer<typeof serviceLevel>;
export type Role = z.infer<typeof role>;
export type Support = z.infer<typeof support>;
export type Team = z.infer<typeof team>;
export type Price = z.infer<typeof price>;
