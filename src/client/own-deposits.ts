import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import { decodeLogs } from '../chains/shared/decode-logs.ts';
import type { AssetId } from '../protocol/asset.ts';
import type { Hex } from '../shared/bytes.ts';
import type { AccountSigner } from './account-signer.ts';

/** A gateway, and where its logs begin. */
export interface GatewayLogs {
  readonly chain: BridgedChain;
  readonly gateway: Hex;
  readonly fromBlock: number;
}

const LATELY_SEC = 86_400n;

/** The addresses that an account's key is known by on chains; none for keys of Polkadot, whose addresses differ there. */
export function ownAddresses({ owner }: Pick<AccountSigner, 'owner'>): Hex[] {
  return owner.scheme === 'secp256k1' ? [`0x${owner.publicKey.slice(-40)}`] : [];
}

/** Whether one of these addresses has deposited the asset within the last day, as everybody can see. @throws {ChainError} */
export async function hasDepositedLately(
  gateways: readonly GatewayLogs[],
  own: readonly Hex[],
  asset: AssetId,
): Promise<boolean> {
  const found = await Promise.all(
    gateways.map(async ({ chain, gateway, fromBlock }) => {
      const head = await chain.head();
      const logs = await chain.logs({ addresses: [gateway], fromBlock, toBlock: head.number });
      const place = { chain: chain.name, chainId: chain.chainId, gateway, isFinal: false };
      const sinceSec = (await chain.blockTimeSec(head.hash)) - LATELY_SEC;
      return decodeLogs(logs, place).messages.some(
        (message) =>
          own.includes(message.sender) && message.asset === asset && message.sentAtSec >= sinceSec,
      );
    }),
  );
  return found.includes(true);
}
