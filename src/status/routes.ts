import type { FastifyInstance, FastifyReply } from 'fastify';
import * as z from 'zod';
import type { Hex } from '../shared/bytes.ts';
import { errorAnswer } from './answers.ts';
import { askerOf } from './asker.ts';
import type { EnclavesAnswer } from './bridge-answers.ts';
import { describeChains, describePayouts, describeRounds, describeTimes } from './bridge-views.ts';
import type { ChangeStreams } from './change-stream.ts';
import type { Kept } from './kept.ts';
import { LISTED_STATES, listSubjects } from './list-subjects.ts';
import { QUESTIONS, type Question } from './questions.ts';
import { StatusError } from './status-error.ts';
import {
  findPayout,
  findPayoutsOf,
  findTransfer,
  findTransfersOf,
  type Looking,
} from './transfers.ts';

/** What the routes answer from. */
export interface StatusRoutes extends Looking {
  readonly streams: ChangeStreams;
  readonly enclaves: Kept<EnclavesAnswer>;
}

const chainId = z.string().regex(/^[1-9][0-9]{0,15}$/);
const word = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
const place = z.object({ chainId, index: z.string().regex(/^[0-9]{1,19}$/) });
const listing = z.object({
  state: z.enum(LISTED_STATES),
  chainId: chainId.optional(),
  before: z.int().min(1).optional(),
  limit: z.int().min(1).max(100).default(50),
});
const tagged = z.strictObject({ tag: word });
const hourly = z.object({ hours: z.int().min(1).max(168).default(24) });
const resumed = z.object({ after: z.int().min(0).optional() });

/** The status API, version 1. Nothing in it can be changed by asking. */
export async function addStatusRoutes(app: FastifyInstance, from: StatusRoutes): Promise<void> {
  addTransferRoutes(app, from);
  addListRoutes(app, from);
  addBridgeRoutes(app, from);
  addChangeRoute(app, from.streams);
}

function addTransferRoutes(app: FastifyInstance, from: StatusRoutes): void {
  const one = describe(QUESTIONS.transfer);
  app.get(QUESTIONS.transfer.path, { schema: { ...one, params: toJson(place) } }, (request) =>
    found(findTransfer(from, placeOf(request.params)), 'no such transfer is known'),
  );
  const begun = describe(QUESTIONS.transfersOf);
  const hash = toJson(z.object({ hash: word }));
  app.get(QUESTIONS.transfersOf.path, { schema: { ...begun, params: hash } }, async (request) => {
    const params = request.params as { hash: string };
    return { transfers: await findTransfersOf(from, lower(params.hash)) };
  });
  const paid = describe(QUESTIONS.payout);
  app.get(QUESTIONS.payout.path, { schema: { ...paid, params: toJson(place) } }, (request) =>
    found(findPayout(from, placeOf(request.params)), 'no such payout is known'),
  );
  const under = describe(QUESTIONS.payoutsUnder);
  app.post(
    QUESTIONS.payoutsUnder.path,
    { schema: { ...under, body: toJson(tagged) } },
    async (request) => {
      const body = request.body as z.output<typeof tagged>;
      return { payouts: await findPayoutsOf(from, lower(body.tag)) };
    },
  );
}

function addListRoutes(app: FastifyInstance, { sources }: StatusRoutes): void {
  const kinds = [
    ['message', QUESTIONS.transfers],
    ['release', QUESTIONS.payouts],
  ] as const;
  for (const [kind, question] of kinds) {
    const page = describe(question);
    app.get(question.path, { schema: { ...page, querystring: toJson(listing) } }, (request) => {
      const { chainId: chain, ...query } = request.query as z.output<typeof listing>;
      const of = chain === undefined ? undefined : BigInt(chain);
      return listSubjects(sources.database, { kind, chainId: of, ...query });
    });
  }
}

function addBridgeRoutes(app: FastifyInstance, from: StatusRoutes): void {
  const { sources, history, enclaves } = from;
  const chains = describe(QUESTIONS.chains);
  app.get(QUESTIONS.chains.path, { schema: chains }, async () => ({
    chains: await describeChains(from),
  }));
  const rounds = describe(QUESTIONS.rounds);
  app.get(QUESTIONS.rounds.path, { schema: rounds }, () => describeRounds(sources));
  const hours = describe(QUESTIONS.payoutsPerHour);
  app.get(
    QUESTIONS.payoutsPerHour.path,
    { schema: { ...hours, querystring: toJson(hourly) } },
    (request) => describePayouts(sources, (request.query as z.output<typeof hourly>).hours),
  );
  const times = describe(QUESTIONS.times);
  app.get(QUESTIONS.times.path, { schema: times }, async () => ({
    times: describeTimes(await history.get()),
  }));
  const signers = describe(QUESTIONS.enclaves);
  app.get(QUESTIONS.enclaves.path, { schema: signers }, () => enclaves.get());
}

function addChangeRoute(app: FastifyInstance, streams: ChangeStreams): void {
  const querystring = toJson(resumed);
  const { path, answer, ...told } = QUESTIONS.changes;
  const stream = {
    summary: told.what,
    description: told.more,
    response: { 200: { ...toJson(answer), description: 'the data of an event' } },
    produces: ['text/event-stream'],
    querystring,
  };
  app.get(path, { schema: stream }, async (request, reply) => {
    const last = request.headers['last-event-id'];
    const { after } = request.query as z.output<typeof resumed>;
    const from = last === undefined ? after : eventId(last);
    await streams.open(() => begin(reply), { asker: askerOf(request.ip), after: from });
  });
}

function begin(reply: FastifyReply) {
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  reply.hijack();
  reply.raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
  });
  return reply.raw;
}

function eventId(text: string | string[]): number {
  if (typeof text === 'string' && /^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new StatusError('STATUS_REQUEST_INVALID', 'Last-Event-ID is no id of a change');
}

function describe({ what, more, answer }: Question) {
  const response = { 200: toJson(answer), default: toJson(errorAnswer) };
  return { summary: what, response, ...(more !== undefined && { description: more }) };
}

/** A schema as the server and OpenAPI take it. */
function toJson(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return json;
}

async function found<T>(looked: Promise<T | undefined>, what: string): Promise<T> {
  const answer = await looked;
  if (answer === undefined) throw new StatusError('STATUS_NOT_FOUND', what);
  return answer;
}

function placeOf(params: unknown) {
  const { chainId, index } = params as z.output<typeof place>;
  return { chainId: BigInt(chainId), index: BigInt(index) };
}

function lower(text: string): Hex {
  return text.toLowerCase() as Hex;
}
