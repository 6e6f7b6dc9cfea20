import { z } from 'zod';
import {
  authoritativeDefinitions,
  closed,
  context,
  customProperties,
  dateTime,
  oneOf,
  tags,
  text,
} from './model-elements.ts';
import { schemaObject } from './odcs-schema.ts';
import { server } from './odcs-servers.ts';
import { price, role, serviceLevel, support, team } from './odcs-terms.ts';

/** Versions of the Open Data Contract Standard that are read; 3.1.0 is what is written. */
export const ODCS_VERSIONS = ['v3.0.0', 'v3.0.1', 'v3.0.2', 'v3.1.0', 'v3.2.0'] as const;

/** An ODCS document. Its `description` is the one mapping that the standard leaves open. */
export const contract = closed({
  apiVersion: oneOf(ODCS_VERSIONS),
  kind: oneOf(['DataContract']),
  id: text,
  name: text.optional(),
  version: text,
  status: text.optional(),
  tenant: text.optional(),
  domain: text.optional(),
  dataProduct: text.optional(),
  tags: tags.optional(),
  description: z
    .looseObject({
      purpose: text.optional(),
      limitations: text.optional(),
      usage: text.optional(),
      authoritativeDefinitions: authoritativeDefinitions.optional(),
      customProperties: customProperties.optional(),
    })
    .optional(),
  context: context.optional(),
  schema: z.array(schemaObject).optional(),
  support: support.optional(),
  price: price.optional(),
  team: team.optional(),
  roles: z.array(role).optional(),
  slaDefaultElement: text.optional(),
  slaProperties: z.array(serviceLevel).optional(),
  servers: z.array(server).optional(),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
  customProperties: customProperties.optional(),
  contractCreatedTs: dateTime.optional(),
});

export type Contract = z.infer<typeof contract>;
