import type * as z from 'zod';
import { EvidenceFileError } from './verify-step.ts';

/** Reads a part of an evidence file. @throws {EvidenceFileError} another shape; the message names the first wrong key */
export function parseLine<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'a line';
  throw new EvidenceFileError(`${where}: ${issue?.message ?? 'malformed'}`);
}
