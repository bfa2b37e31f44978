import type { RelayerConfig } from '../config/relayer.ts';
import type { Desk } from '../relayer/operate/desk-socket.ts';
import { openAccountDesk } from '../relayer/operate/open-account-desk.ts';
import { type OperatorOptions, printAnswer, relayerConfigOf } from './ask-relayer.ts';
import { CommandLineError } from './command-line-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type AccountNonces, formatNonces, planRepair } from './format-nonces.ts';

/** `relayer nonce show`. */
export async function showNonces(options: OperatorOptions): Promise<ExitCode> {
  const accounts = await withNonces(relayerConfigOf(options), readAccounts);
  printAnswer(options, { accounts }, () => formatNonces(accounts));
  return exitOf(accounts);
}

/** `relayer nonce repair <chain>`. @throws {CommandLineError} no chain has this name */
export async function repairNonces(
  chain: string,
  options: OperatorOptions & { readonly yes?: boolean },
): Promise<ExitCode> {
  const config = relayerConfigOf(options);
  requireChain(config, chain);
  const repaired = await withNonces(config, (desk) => repairOn(desk, chain, options));
  printAnswer(options, repaired, formatRepaired);
  return exitOf(repaired.accounts);
}

/** A repair: what it was to do, whether that was done, and how the chain's accounts stand after it. */
export interface Repaired {
  readonly chain: string;
  readonly plan: readonly string[];
  readonly repaired: boolean;
  readonly accounts: readonly AccountNonces[];
}

/** Plans a repair, says so, and does it if that was agreed to. Where there is nothing to do, nothing is done. */
export async function repairOn(
  desk: Pick<Desk, 'ask'>,
  chain: string,
  { yes = false, json = false }: { readonly yes?: boolean; readonly json?: boolean },
): Promise<Repaired> {
  const before = await readAccounts(desk, chain);
  const plan = planRepair(before);
  if (!json) for (const step of plan) console.log(step);
  if (!yes || plan.length === 0) return { chain, plan, repaired: false, accounts: before };
  const { repaired } = await desk.ask('repair', { chain });
  return { chain, plan, repaired, accounts: await readAccounts(desk, chain) };
}

function formatRepaired({ chain, plan, repaired, accounts }: Repaired): string[] {
  if (repaired) return ['done once; how it stands now:', ...formatNonces(accounts)];
  if (plan.length > 0) return ['nothing was done; give --yes to have this done'];
  const failures = accounts.flatMap(({ failure }) => failure ?? []);
  return failures.length > 0 ? failures : [`there is nothing to repair on ${chain}`];
}

async function readAccounts(desk: Pick<Desk, 'ask'>, chain?: string): Promise<AccountNonces[]> {
  const accounts = (await desk.ask('nonces', {})) ?? [];
  return accounts.filter((one) => chain === undefined || one.chain === chain);
}

function requireChain({ chains }: RelayerConfig, chain: string): void {
  const names = chains.map(({ name }) => name);
  if (names.includes(chain)) return;
  throw new CommandLineError(`there is no chain "${chain}", but ${names.join(', ')}`);
}

function exitOf(accounts: readonly AccountNonces[]): ExitCode {
  return accounts.every(({ failure }) => failure === null) ? EXIT.ok : EXIT.unreachable;
}

async function withNonces<T>(config: RelayerConfig, work: (desk: Desk) => Promise<T>): Promise<T> {
  const desk = await openAccountDesk(config);
  try {
    return await work(desk);
  } finally {
    await desk.close();
  }
}
