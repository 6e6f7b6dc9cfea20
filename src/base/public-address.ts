import ipaddr from 'ipaddr.js';

/** A network that endpoints may lie in although it is private: an address and the length of its prefix. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** IPv6 addresses that are assigned to the public (RFC 4291 §2.4, IANA): everything else is something special. */
const GLOBAL_UNICAST: Network = [ipaddr.parse('2000::'), 3];

/** `10.1.0.0/16`, `fd00::/8`, or one address; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const trimmed = text.trim();
  try {
    if (trimmed.includes('/')) return ipaddr.parseCIDR(trimmed);
    const address = ipaddr.parse(trimmed);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return undefined;
  }
}

/**
 * Whether a server may be asked to connect to this address: public unicast, or listed. What cannot be read
 * as an address may not. An IPv4 address inside an IPv6 one counts as what it is.
 */
export function isPublicAddress(text: string, allowed: readonly Network[] = []): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (allowed.some((network) => lies(address, network))) return true;
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || lies(address, GLOBAL_UNICAST);
}

function lies(address: ipaddr.IPv4 | ipaddr.IPv6, network: Network): boolean {
  return address.kind() === network[0].kind() && address.match(network);
}
