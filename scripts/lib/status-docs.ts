import type { z } from 'zod';
import { errorAnswer } from '../../src/status/answers.ts';
import { QUESTIONS as ASKED, type Question } from '../../src/status/questions.ts';
import { PUBLIC_SOURCES, sourceIn } from '../../src/status/shown.ts';

/** What is asked, in words, and the schema of its answer. */
export const QUESTIONS: readonly (readonly [string, string, z.ZodType])[] = [
  ...Object.values<Question>(ASKED).map(tell),
  ['any', 'Why there is no answer, with an HTTP status of 400 or above.', errorAnswer],
];

function tell({ method, path, query = '', what, more, answer }: Question) {
  const shown = path
    .replace(':chainId', '<chain id>')
    .replace(/:([a-z]+)/g, (_, name: string) => `<${name}>`);
  return [
    `${method} ${shown}${query}`,
    more === undefined ? what : `${what} ${more}`,
    answer,
  ] as const;
}

/** A field of an answer. */
export interface AnswerField {
  readonly path: string;
  readonly description: string;
  readonly source: string | undefined;
}

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Every field of an answer that is no object itself, by its path. */
export function fieldsOf(answer: z.ZodType): AnswerField[] {
  return leaves(answer.toJSONSchema() as Schema, '');
}

function leaves(schema: Schema, path: string): AnswerField[] {
  const inside = schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;
  if (inside.items !== undefined) return leaves(inside.items, `${path}[]`);
  if (inside.properties !== undefined) {
    return Object.entries(inside.properties).flatMap(([name, each]) =>
      leaves(each, path === '' ? name : `${path}.${name}`),
    );
  }
  const { description = '' } = schema;
  const text = description.replace(/ \[[a-z]+\]$/, '');
  return [{ path, description: text, source: sourceIn(description) }];
}

const HEAD = `# The status API

\`veilspan api --config api.json\` serves it to anyone, from a relayer's Postgres, which it only reads; a relayer itself serves it at \`status.listen\`, beside \`/ready\` and \`/metrics\`, to its operator. \`GET /v1/openapi.json\` describes it to programs.

Amounts and chain ids are decimal text. Answers are not to be kept (\`no-store\`), requests are limited by address and minute, web pages of other origins may read answers only if they are named. No request is logged.

## What is in it

Nothing that the chains do not show. For a sealed transfer they tie nothing to the deposit after its commit: it ends \`anchored\`, and a payout begins \`released\` under its tag. Envelopes, release batches that no chain has yet, and what an enclave
says to its owner are in no answer. Each field below says where everybody can read it:

| source | where |
|---|---|
`;

/** docs/status-api.md, of the schemas. */
export function statusPage(): string {
  const sources = Object.entries(PUBLIC_SOURCES).map(
    ([name, where]) => `| \`${name}\` | ${where} |`,
  );
  const parts = QUESTIONS.map(([question, what, answer]) => {
    const rows = fieldsOf(answer).map(
      ({ path, description, source }) => `| \`${path}\` | ${description} | \`${source}\` |`,
    );
    return `\n## \`${question}\`\n\n${what}\n\n| field | what it says | source |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `${HEAD}${sources.join('\n')}\n${parts.join('')}`;
}
