import { isIPv6 } from 'node:net';

/** Groups of 16 bits of an IPv6 address, and how many of them say who asks: whoever has one address has 2^64. */
const GROUPS = 8;
const SUBNET_GROUPS = 4;

/** Who asks, by the address of a client: itself, an IPv4 address that is written as IPv6, or of IPv6 the subnet. */
export function askerOf(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = address] = address.split('%');
  if (!isIPv6(plain)) return address;
  // A URL has an address in its one canonical form.
  const [left, right] = new URL(`http://[${plain}]`).hostname
    .slice(1, -1)
    .split('::')
    .map(groupsOf);
  const [head = [], tail = []] = [left, right];
  const zeros = Array.from({ length: GROUPS - head.length - tail.length }, () => '0');
  return `${[...head, ...zeros, ...tail].slice(0, SUBNET_GROUPS).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
