import * as z from 'zod';
import { hexOf } from '../shared/hex-schema.ts';
import { nameSchema } from '../shared/name-schema.ts';

// What every process's configuration says of chains, in the same words. Kinds are checked where there are kinds: the
// layers below have the registries.

/** A chain id as JSON holds it. */
export const chainIdSchema = z
  .int()
  .positive()
  .transform((id) => BigInt(id));

/** The address of a contract or an account. */
export const addressSchema = hexOf(20);

/** How a chain's state is reached from a header of its light client. */
export const routeSchema = z.union([
  z.literal('direct'),
  z.strictObject({ paraId: z.int().min(0).max(0xffff_ffff).describe('id of the parachain') }),
]);

/** An instant or a duration in whole seconds, as JSON holds it. */
export const secondsSchema = z
  .int()
  .min(0)
  .max(0xffff_ffff)
  .transform((seconds) => BigInt(seconds));

/** How long a chain's messages may take to be final, as JSON holds it. */
export const lagSecSchema = secondsSchema.describe(
  'seconds that its messages have to become final before their round ends: more than it usually takes',
);

/** How time is cut into rounds, as JSON holds it. */
export const roundsKeys = {
  startSec: secondsSchema.describe('the instant that rounds are counted from, in Unix time'),
  roundSec: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .transform((seconds) => BigInt(seconds))
    .describe('length of a round in seconds'),
};

/** When pooled legs may leave, and how soon they do, as JSON holds it. */
export const poolsSchema = z.strictObject({
  leastRoots: z
    .int()
    .min(1)
    .max(0xffff)
    .default(8)
    .describe('different depositors that a pooled payout leaves among at least'),
  meanStayRounds: z
    .int()
    .min(1)
    .max(0xffff)
    .default(96)
    .describe('rounds that a payout which may leave its pool stays on average'),
});

const furtherUrls = z
  .array(z.url())
  .max(7)
  .optional()
  .describe(
    'of further nodes, asked when the others do not answer, fall behind or were caught lying',
  );

const lightClient = z.strictObject({
  id: nameSchema.describe('what the chains below and the enclaves call it'),
  kind: nameSchema.describe('the kind of its consensus, such as ethereum or substrate'),
  url: z.url().describe('of a node that serves its finality: a Beacon API, a Substrate WebSocket'),
  urls: furtherUrls,
});

/** What every process outside an enclave knows of a chain. */
export const chainKeys = {
  chainId: chainIdSchema.describe('EVM chain id'),
  name: nameSchema.describe('what commands and logs call it'),
  kind: nameSchema.describe('the kind of chain, such as ethereum or substrate'),
  url: z.url().describe('JSON-RPC of one of its nodes: HTTP, or WebSocket of a Substrate node'),
  urls: furtherUrls.describe(
    'of further nodes, asked when the others do not answer, fall behind or were caught lying; a WebSocket of an Ethereum node is asked nothing and tells of new blocks',
  ),
  gateway: addressSchema.describe('its gateway'),
  lightClient: nameSchema.describe('the light client whose finality makes it final'),
  route: routeSchema.describe('`"direct"`, or by which parachain id it hangs on a relay chain'),
  lagSec: lagSecSchema,
  fromBlock: z.int().min(0).default(0).describe('block in which the gateway was deployed'),
};

/** What every process outside an enclave knows of the bridge, `chain` being what it knows of each chain. */
export function bridgeKeys<C extends z.ZodType>(chain: C) {
  return {
    lightClients: z
      .array(lightClient)
      .min(1)
      .max(16)
      .describe('where finality comes from; parachains of one relay chain share one'),
    chains: z.array(chain).min(2).max(16).describe('the chains that are bridged'),
    anchor: z.strictObject({
      chainId: chainIdSchema.describe('the chain that keeps the state id and the log of commits'),
      address: addressSchema.describe('the anchor contract on that chain'),
    }),
    rounds: z.strictObject(roundsKeys),
  };
}

interface Chains {
  readonly chains: readonly {
    readonly chainId: bigint;
    readonly name: string;
    readonly kind: string;
    readonly lightClient: string;
    readonly route: z.output<typeof routeSchema>;
  }[];
  readonly lightClients: readonly { readonly id: string; readonly kind: string }[];
  readonly anchor: { readonly chainId: bigint };
}

/** Reports what does not fit together: for `superRefine` of every schema that lists chains. */
export function checkChains(config: Chains, context: z.RefinementCtx): void {
  const refuse = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const { chains, lightClients, anchor } = config;
  chains.forEach(({ chainId, name, kind, lightClient, route }, i) => {
    if (chains.findIndex((other) => other.chainId === chainId) !== i) {
      refuse(['chains', i, 'chainId'], `chain ${chainId} is listed before`);
    }
    if (chains.findIndex((other) => other.name === name) !== i) {
      refuse(['chains', i, 'name'], `a chain "${name}" is listed before`);
    }
    const client = lightClients.find(({ id }) => id === lightClient);
    if (client?.kind !== kind) {
      refuse(['chains', i, 'lightClient'], `lightClients has no "${lightClient}" of kind ${kind}`);
    }
    if (chains.findIndex((other) => isSameWay(other, { lightClient, route })) !== i) {
      refuse(['chains', i, 'route'], 'a chain that is listed before is reached in the same way');
    }
  });
  lightClients.forEach(({ id }, i) => {
    if (lightClients.findIndex((other) => other.id === id) !== i) {
      refuse(['lightClients', i, 'id'], `a light client "${id}" is listed before`);
    }
  });
  if (!chains.some(({ chainId }) => chainId === anchor.chainId)) {
    refuse(['anchor', 'chainId'], `chains has no chain ${anchor.chainId}`);
  }
}

type Way = Pick<Chains['chains'][number], 'lightClient' | 'route'>;

/** Whether both lead to one chain, which has one chain id. */
function isSameWay(a: Way, b: Way): boolean {
  return a.lightClient === b.lightClient && paraIdOf(a) === paraIdOf(b);
}

function paraIdOf({ route }: Way): number | undefined {
  return route === 'direct' ? undefined : route.paraId;
}
