import * as z from 'zod';

/** What people and commands call a chain or a light client. Nothing in it can be taken for anything but a name. */
export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits or hyphens');
