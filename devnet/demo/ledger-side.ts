import { quotePostFee } from '../../src/chains/shared/post-call.ts';
import { queryAccount } from '../../src/client/account-query.ts';
import { type AccountSigner, accountOfSecret } from '../../src/client/account-signer.ts';
import { fetchAnchorFacts } from '../../src/client/anchor-logs.ts';
import { type AssetTerms, readTerms } from '../../src/client/asset-terms.ts';
import type { Connections } from '../../src/client/connect.ts';
import { fetchEpochKey } from '../../src/client/epoch-key.ts';
import { contractsOn } from '../../src/deploy/deploy-bridge.ts';
import { createEnclaveClient } from '../../src/enclave-client/enclave-client.ts';
import type { SigningDomain } from '../../src/protocol/eip712.ts';
import type { EpochKey } from '../../src/protocol/envelope.ts';
import type { AccountAnswer } from '../../src/protocol/query-answer.ts';
import type { Rng } from '../../src/shared/rng.ts';
import { ACCOUNTS } from '../accounts.ts';
import { assetOf } from '../demo-assets.ts';
import type { World } from '../world.ts';
import type { Scenario, TransferPlan } from './scenario.ts';

/** The ledger, as users know it: by what the anchor says, and by asking an enclave about accounts. */
export interface LedgerSide {
  /** On what terms it holds an asset. */
  termsOf(symbol: string): AssetTerms;
  /** The account of a plan's payer, one for each plan. */
  accountOf(plan: TransferPlan): Promise<AccountSigner>;
  /** What the enclave says of an account, in the newest final state. */
  ask(account: AccountSigner): Promise<AccountAnswer>;
  /** Gets all fees as long as the relayer has not opened an account of its own. */
  readonly house: AccountSigner;
  /** The ledger that orders are good for, and the key to seal them to. */
  place(): Promise<{ readonly ledger: SigningDomain; readonly epochKey: EpochKey }>;
  /** What posting an order at the anchor chain's gateway costs, in that chain's coin. */
  readonly postFeeWei: bigint;
}

interface Parts {
  /** Of the enclave. */
  readonly socket: string;
  readonly scenario: Scenario;
  readonly rng: Rng;
}

/** The round up to which the demo's permits hold: it takes fewer. */
const LAST_ROUND = 10_000n;

/** Reads what the anchor says, and the accounts of everybody who plays a part. */
export async function openLedgerSide(
  { client, deployment, secretOf }: World,
  { chains }: Connections,
  { socket, scenario, rng }: Parts,
): Promise<LedgerSide> {
  const { chainId, address } = client.anchor;
  const chain = required(chains.get(chainId), 'connection to the anchor');
  const { registry, gateway } = contractsOn(deployment, chainId);
  const ledger = { chainId, verifyingContract: address };
  const { controls } = await fetchAnchorFacts(chain, address, 0);
  // There is no key before an enclave is admitted.
  const place = async () => ({ ledger, epochKey: await fetchEpochKey({ chain, registry }) });
  const plans = [...scenario.first, ...scenario.second];
  return {
    place,
    postFeeWei: await quotePostFee({ chain, gateway }),
    house: await accountOfSecret(secretOf(ACCOUNTS.owner.ethereum)),
    termsOf: (symbol) => {
      return required(readTerms(controls, assetOf(deployment, symbol).asset), `terms of ${symbol}`);
    },
    accountOf: (plan) => {
      const payer = scenario.payers.find(({ name }) => name === plan.payer);
      const { account } = required(payer, plan.payer);
      return accountOfSecret(secretOf(account), { index: plans.indexOf(plan) });
    },
    ask: async (account) => {
      const { roundSec } = client.rounds;
      const at = { ...(await place()), round: LAST_ROUND, roundSec };
      const ask = (sealed: Uint8Array) => askSealed(socket, sealed);
      return queryAccount(account, { ...at, registry: { chain, address: registry } }, { ask, rng });
    },
  };
}

async function askSealed(address: string, sealed: Uint8Array): Promise<Uint8Array> {
  const enclave = createEnclaveClient({ address });
  try {
    return (await enclave.ask('query', { sealed })).sealed;
  } finally {
    enclave.close();
  }
}

function required<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new RangeError(`the demo has no ${name}`);
  return found;
}
