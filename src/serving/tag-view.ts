import { z } from 'zod';
import { TAG_LEVELS } from '../policy/tags.ts';

/** A tag that holds for something, set there or above it. */
export const TAG_VIEW = z.object({
  key: z.string(),
  value: z.string(),
  from: z.enum(TAG_LEVELS).describe('where it was set'),
});
