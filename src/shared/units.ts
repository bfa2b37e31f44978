/** An amount in its smallest unit as a decimal number, without zeros at the end. */
export function formatUnits(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return sign + (fraction === '' ? whole : `${whole}.${fraction}`);
}

/** The same with the asset's symbol, as users read it. */
export function formatAmount(
  { decimals, symbol }: { readonly decimals: number; readonly symbol: string },
  amount: bigint,
): string {
  return `${formatUnits(amount, decimals)} ${symbol}`;
}

/** A decimal number as an amount in the smallest unit; undefined if it is none or too precise. */
export function parseUnits(text: string, decimals: number): bigint | undefined {
  const parts = /^([0-9]{1,40})(?:\.([0-9]{1,36}))?$/.exec(text);
  const [, whole = '', fraction = ''] = parts ?? [];
  if (!parts || fraction.length > decimals) return undefined;
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

/** As contracts count it on every chain: a coin is 10^18 wei. */
const COIN_DECIMALS = 18;

/** An amount in wei as coins of its chain. */
export function formatCoins(wei: bigint): string {
  return formatUnits(wei, COIN_DECIMALS);
}
