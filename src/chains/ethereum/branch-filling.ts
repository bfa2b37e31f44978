import { z } from 'zod';

const ZERO_NODE = `0x${'00'.repeat(32)}`;
const NAMES = ['header', 'attested_header', 'finalized_header'] as const;
const documentSchema = z.looseObject({ data: z.looseObject({}) });
const gloasHeaderSchema = z.looseObject({
  execution_block_hash: z.string(),
  execution_branch: z.array(z.string()),
});

/**
 * Takes the zeros out that a header of the Gloas form has in front of an older fork's execution branch. Such branches are
 * filled to one length, and the light client takes branches of their fork's own length only. What is taken out is
 * not believed: the branch is verified.
 *
 * SPEC: gloas/light-client/fork.md, `normalize_merkle_branch`.
 *
 * @param json a bootstrap or an update as a beacon node serves it; anything else is left as it is
 */
export function stripBranchFilling(json: unknown): unknown {
  const document = documentSchema.safeParse(json);
  if (!document.success) return json;
  const { data } = document.data;
  const headers = NAMES.filter((name) => name in data).map((name) => [name, strip(data[name])]);
  return { ...document.data, data: { ...data, ...Object.fromEntries(headers) } };
}

function strip(header: unknown): unknown {
  const parsed = gloasHeaderSchema.safeParse(header);
  if (!parsed.success) return header;
  const { execution_branch: branch } = parsed.data;
  const start = branch.findIndex((node) => node !== ZERO_NODE);
  return { ...parsed.data, execution_branch: start < 0 ? branch : branch.slice(start) };
}
