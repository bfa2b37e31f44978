import { Keyring } from '#polkadot/keyring';
import type { Hex } from '../../src/shared/bytes.ts';
import { ask, askRaw, connectApi } from '../support/polkadot-devnet.ts';
import type { Endpoint } from './native-twin-support.ts';

/** What both serve by name. The node has no `payment_*`; our chain serves `payment_queryInfo` besides. */
export const REQUIRED_METHODS = [
  'author_pendingExtrinsics',
  'author_submitAndWatchExtrinsic',
  'author_submitExtrinsic',
  'chain_getBlock',
  'chain_getBlockHash',
  'chain_getFinalizedHead',
  'chain_getHeader',
  'chain_subscribeFinalizedHeads',
  'chain_subscribeNewHeads',
  'childstate_getKeysPaged',
  'childstate_getStorage',
  'grandpa_proveFinality',
  'grandpa_subscribeJustifications',
  'rpc_methods',
  'state_call',
  'state_getChildReadProof',
  'state_getKeysPaged',
  'state_getReadProof',
  'state_queryStorageAt',
  'state_subscribeStorage',
  'system_accountNextIndex',
  'system_dryRun',
] as const;

const NUMBER_KEY = '0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac';
const CHILD = `0x3a6368696c645f73746f726167653a64656661756c743a${'11'.repeat(32)}`;
const UNKNOWN_HASH = `0x${'77'.repeat(32)}`;

type Request = readonly [method: string, ...params: readonly unknown[]];

/** Requests whose answers do not depend on the time: both chains have one genesis block. */
export function timelessRequests(genesis: Hex): readonly Request[] {
  return [
    ['chain_getBlock', genesis],
    ['chain_getBlockHash', [0, '0x0', 4_000_000]],
    ['chain_getHeader', UNKNOWN_HASH],
    ['childstate_getStorage', CHILD, '0x12', genesis],
    ['grandpa_proveFinality', 4_000_000],
    ['nope_nope'],
    ['state_call', 'GrandpaApi_grandpa_authorities', '0x', genesis],
    ['state_getKeysPaged', '0x', 1000, null, genesis],
    ['state_getKeysPaged', '0x', 3000, null, genesis],
    ['state_getMetadata', genesis],
    ['state_getReadProof', [NUMBER_KEY, '0x3a636f6465ff'], genesis],
    ['state_getRuntimeVersion', genesis],
    ['state_getStorage', '0x1234', UNKNOWN_HASH],
    ['state_getStorageHash', '0x3a636f6465', genesis],
    ['state_queryStorageAt', ['0x3a65787472696e7369635f696e646578', '0x12'], genesis],
    ['system_accountNextIndex', 'nope'],
    ['system_chain'],
    ['system_chainType'],
    ['system_dryRun', '0x1234'],
    ['system_name'],
    ['system_properties'],
  ];
}

/** Requests whose answers have the same shape, whatever their values. */
export const SHAPED_REQUESTS: readonly Request[] = [
  ['author_pendingExtrinsics'],
  ['chain_getBlockHash'],
  ['chain_getFinalizedHead'],
  ['chain_getHeader'],
  ['system_health'],
  ['system_nodeRoles'],
  ['system_version'],
];

/** An answer that can be compared: proofs are sets, an error's message may tell of the inside. */
export async function answerTo(chain: Endpoint, [method, ...params]: Request): Promise<unknown> {
  const { result, error } = await askRaw(chain, method, params);
  if (error !== undefined) return { code: error.code };
  if (method !== 'state_getReadProof') return result;
  const { at, proof } = result as { at: Hex; proof: Hex[] };
  return { at, proof: proof.toSorted() };
}

/** Names and types instead of values; what lists hold is their first element's. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, shapeOf(of)]));
}

/** The newest final block as the node serves it, with its justification. */
export async function finalBlock(chain: Endpoint): Promise<unknown> {
  return ask(chain, 'chain_getBlock', await ask<Hex>(chain, 'chain_getFinalizedHead'));
}

/** How the node answers extrinsics that cannot be included; //Charlie must have sent some already. */
export async function refusals(chain: Endpoint): Promise<Record<string, unknown>> {
  const api = await connectApi(chain);
  const keys = new Keyring({ type: 'sr25519' });
  const [charlie, pauper] = [keys.addFromUri('//Charlie'), keys.addFromUri('//Pauper')];
  const transfer = api.tx['balances']?.['transferKeepAlive']?.(charlie.address, 1000n);
  if (transfer === undefined) throw new Error('no balances pallet');
  const sign = async (who: typeof charlie, nonce: number): Promise<Hex> =>
    (await transfer.signAsync(who, { nonce, era: 0 })).toHex();
  const valid = await sign(charlie, 1000);
  const forged = `${valid.slice(0, 100)}${valid[100] === '0' ? '1' : '0'}${valid.slice(101)}`;
  const extrinsics = {
    outdated: await sign(charlie, 0),
    forged,
    unpaid: await sign(pauper, 0),
    inherent: '0x280501000b9085590ba201',
    truncated: '0x1234',
    empty: '0x',
    notHex: 'zz',
  };
  const answers = Object.entries(extrinsics).map(async ([name, extrinsic]) => {
    const { error } = await askRaw(chain, 'author_submitExtrinsic', [extrinsic]);
    return [name, { code: error?.code, data: error?.code === 1010 ? error.data : undefined }];
  });
  const refused = Object.fromEntries(await Promise.all(answers));
  await api.disconnect();
  return refused;
}
