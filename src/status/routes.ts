import type { FastifyInstance, FastifyReply } from 'fastify';
import * as z from 'zod';
import type { Hex } from '../shared/bytes.ts';
import {
  changeAnswer,
  errorAnswer,
  pageAnswer,
  payoutAnswer,
  payoutsAnswer,
  transferAnswer,
  transfersAnswer,
} from './answers.ts';
import type { EnclavesAnswer } from './bridge-answers.ts';
import {
  chainsAnswer,
  enclavesAnswer,
  payoutsPerHourAnswer,
  roundsAnswer,
  timesAnswer,
} from './bridge-answers.ts';
import { describeChains, describePayouts, describeRounds, describeTimes } from './bridge-views.ts';
import type { ChangeStreams } from './change-stream.ts';
import type { Kept } from './kept.ts';
import { LISTED_STATES, listSubjects } from './list-subjects.ts';
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
  const one = describe('A transfer by its id, <chain id>/<index>', transferAnswer);
  app.get(
    '/v1/transfers/:chainId/:index',
    { schema: { ...one, params: toJson(place) } },
    (request) => found(findTransfer(from, placeOf(request.params)), 'no such transfer is known'),
  );
  const begun = describe('The transfers that one transaction began', transfersAnswer);
  const hash = toJson(z.object({ hash: word }));
  app.get(
    '/v1/transactions/:hash/transfers',
    { schema: { ...begun, params: hash } },
    async (request) => {
      const params = request.params as { hash: string };
      return { transfers: await findTransfersOf(from, lower(params.hash)) };
    },
  );
  const paid = describe('A payout by its id, <chain id>/<index>', payoutAnswer);
  app.get(
    '/v1/payouts/:chainId/:index',
    { schema: { ...paid, params: toJson(place) } },
    (request) => found(findPayout(from, placeOf(request.params)), 'no such payout is known'),
  );
  // SECURITY: a tag in a path would be kept by whatever logs paths on the way. One at a time: which tags belong together, their owner
  // alone knows.
  const under = describe('The payouts under a tag', payoutsAnswer);
  app.post('/v1/payouts/find', { schema: { ...under, body: toJson(tagged) } }, async (request) => {
    const body = request.body as z.output<typeof tagged>;
    return { payouts: await findPayoutsOf(from, lower(body.tag)) };
  });
}

function addListRoutes(app: FastifyInstance, { sources }: StatusRoutes): void {
  const kinds = [
    ['/v1/transfers', 'message', 'Transfers'],
    ['/v1/payouts', 'release', 'Payouts'],
  ] as const;
  for (const [path, kind, what] of kinds) {
    const page = describe(`${what} that are in a state now, the newest first`, pageAnswer);
    app.get(path, { schema: { ...page, querystring: toJson(listing) } }, (request) => {
      const { chainId: chain, ...query } = request.query as z.output<typeof listing>;
      const of = chain === undefined ? undefined : BigInt(chain);
      return listSubjects(sources.database, { kind, chainId: of, ...query });
    });
  }
}

function addBridgeRoutes(app: FastifyInstance, from: StatusRoutes): void {
  const { sources, history, enclaves } = from;
  const chains = describe('The chains, and how far they are read', chainsAnswer);
  app.get('/v1/chains', { schema: chains }, async () => ({ chains: await describeChains(from) }));
  const rounds = describe('The round that runs, and the last commit', roundsAnswer);
  app.get('/v1/rounds', { schema: rounds }, () => describeRounds(sources));
  const hours = describe('Payouts of the last hours by amount', payoutsPerHourAnswer);
  app.get(
    '/v1/payouts-per-hour',
    { schema: { ...hours, querystring: toJson(hourly) } },
    (request) => describePayouts(sources, (request.query as z.output<typeof hourly>).hours),
  );
  const times = describe('How long each step took lately', timesAnswer);
  app.get('/v1/times', { schema: times }, async () => ({
    times: describeTimes(await history.get()),
  }));
  const signers = describe('Who may sign, as each chain’s registry says', enclavesAnswer);
  app.get('/v1/enclaves', { schema: signers }, () => enclaves.get());
}

function addChangeRoute(app: FastifyInstance, streams: ChangeStreams): void {
  const querystring = toJson(resumed);
  const stream = {
    summary: 'State changes as they are seen, as server-sent events',
    description:
      'Each `change` has the id of the last change that it tells of: give it as `Last-Event-ID`, or as `after`, to go on behind it. What a ' +
      'block shows can be taken back until it is final; that is not told here, so ask for the transfer before you rely on it.',
    response: { 200: { ...toJson(changeAnswer), description: 'the data of an event' } },
    produces: ['text/event-stream'],
    querystring,
  };
  app.get('/v1/changes', { schema: stream }, async (request, reply) => {
    const last = request.headers['last-event-id'];
    const { after } = request.query as z.output<typeof resumed>;
    const from = last === undefined ? after : eventId(last);
    await streams.open(() => begin(reply), from);
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

function describe(summary: string, answer: z.ZodType) {
  const response = { 200: toJson(answer), default: toJson(errorAnswer) };
  return { summary, response };
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
