import { z } from 'zod';
import {
  closed,
  context,
  customProperties,
  dateTime,
  oneOf,
  productAnnotations,
  stableId,
  synonyms,
  text,
  uri,
} from './model-elements.ts';
import { supportShape, teamMember, teamObject } from './odcs-terms.ts';

/** Versions of the Open Data Product Standard (Bitol) that are read; 1.0.0 is what is written. */
export const ODPS_VERSIONS = ['v0.9.0', 'v1.0.0', 'v1.1.0'] as const;

/** ODPS 1.1 lets every element carry these. */
const newer = { id: stableId.optional(), deprecated: z.boolean().optional() };

/** `version` and `contractId` became optional in 1.1; the rules ask for them before. */
const inputPort = closed({
  ...newer,
  name: text,
  version: text.optional(),
  contractId: text.optional(),
  ...productAnnotations,
});

const outputPort = closed({
  ...newer,
  name: text,
  description: text.optional(),
  type: text.optional(),
  version: text.optional(),
  contractId: text.optional(),
  sbom: z
    .array(closed({ id: stableId.optional(), type: text.optional(), url: uri, description: text.optional() }))
    .optional(),
  inputContracts: z.array(closed({ id: text, version: text })).optional(),
  ...productAnnotations,
});

const managementPort = closed({
  ...newer,
  name: text,
  content: text,
  type: text.optional(),
  url: uri.optional(),
  channel: text.optional(),
  description: text.optional(),
  ...productAnnotations,
});

const support = closed({ ...supportShape, url: uri, invitationUrl: uri.optional(), ...productAnnotations });

const team = closed({
  ...teamObject.shape,
  ...productAnnotations,
  members: z.array(closed({ ...teamMember.shape, ...productAnnotations })).optional(),
});

/** An ODPS document of Bitol: what a domain offers. Contracts are named by id, never embedded. */
export const product = closed({
  apiVersion: oneOf(ODPS_VERSIONS),
  kind: oneOf(['DataProduct']),
  id: text,
  name: text.optional(),
  version: text.optional(),
  status: text.optional(),
  domain: text.optional(),
  tenant: text.optional(),
  type: oneOf(['sourceAligned', 'aggregate', 'consumerAligned']).optional(),
  deprecated: z.boolean().optional(),
  context: context.optional(),
  synonyms: synonyms.optional(),
  description: closed({
    purpose: text.optional(),
    limitations: text.optional(),
    usage: text.optional(),
    authoritativeDefinitions: productAnnotations.authoritativeDefinitions,
    customProperties: customProperties.optional(),
  }).optional(),
  inputPorts: z.array(inputPort).optional(),
  outputPorts: z.array(outputPort).optional(),
  managementPorts: z.array(managementPort).optional(),
  support: z.array(support).optional(),
  team: team.optional(),
  productCreatedTs: dateTime.optional(),
  ...productAnnotations,
});

export type Product = z.infer<typeof product>;
export type InputPort = z.infer<typeof inputPort>;
export type OutputPort = z.infer<typeof outputPort>;
