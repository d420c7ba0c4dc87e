import { BlockList, isIP } from "node:net";

/** Compiled IP addresses and ranges. */
export type AddressSet = { has: (address: string) => boolean };

/**
 * The canonical form of an IP address: IPv6 as in RFC 5952, an IPv4-mapped address (`::ffff:10.0.0.1`) as IPv4, and
 * without the port or zone that some proxies add.
 * @returns null for anything else
 */
export function plainAddress(text: string): string | null {
  const trimmed = text.trim();
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed) ?? [];
  const [, beforePort] = /^([\d.]+):\d+$/.exec(trimmed) ?? [];
  const [address = ""] = (bracketed ?? beforePort ?? trimmed).split("%");
  const groups = groupsOf(address);
  return groups === null ? null : formatted(groups);
}

/**
 * The canonical form of an address or CIDR range: `10.1.2.3/8` as `10.0.0.0/8`, a range of one address as the address.
 * @returns null for anything else
 */
export function addressRange(text: string): string | null {
  const [address = "", prefixText, ...rest] = text.trim().split("/");
  const groups = groupsOf(address);
  if (groups === null || rest.length > 0) return null;
  if (prefixText === undefined) return formatted(groups);
  if (!/^\d{1,3}$/.test(prefixText)) return null;
  const bits = groups.length === 4 ? 32 : 128;
  const prefix = Number(prefixText) - (isIP(address) === 6 && bits === 32 ? 96 : 0);
  if (prefix < 0 || prefix > bits) return null;
  const bitsPerGroup = bits / groups.length;
  const network = groups.map((group, index) => {
    const cut = bitsPerGroup - Math.min(bitsPerGroup, Math.max(0, prefix - index * bitsPerGroup));
    return (group >> cut) << cut;
  });
  return prefix === bits ? formatted(network) : `${formatted(network)}/${prefix}`;
}

/**
 * Compiles ranges in the form of `addressRange`; invalid ones match nothing. `has` takes addresses in the form of
 * `plainAddress`.
 */
export function addressSet(ranges: readonly string[]): AddressSet {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", prefix] = (addressRange(range) ?? "").split("/");
    const family = familyOf(address);
    if (family === null) continue;
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return {
    has: (address) => {
      const family = familyOf(address);
      return family !== null && list.check(address, family);
    },
  };
}

/** Whether every address of a range is in one of the others, or in several that adjoin. Invalid ranges are in none. */
export function isWithinRanges(range: string, others: readonly string[]): boolean {
  const asked = intervalOf(range);
  if (asked === null) return false;
  const intervals = others.flatMap((other) => intervalOf(other) ?? []);
  intervals.sort((one, other) => (one.first < other.first ? -1 : 1));
  let { first } = asked;
  for (const interval of intervals) {
    if (interval.first > first) return false;
    if (interval.last >= asked.last) return true;
    if (interval.last >= first) first = interval.last + 1n;
  }
  return false;
}

/** The first and the last address, as numbers. IPv4 comes after all of IPv6, so that neither holds the other. */
function intervalOf(range: string): { first: bigint; last: bigint } | null {
  const [address = "", prefix] = (addressRange(range) ?? "").split("/");
  const groups = groupsOf(address);
  if (groups === null) return null;
  const bits = groups.length === 4 ? 32 : 128;
  const bitsPerGroup = BigInt(bits / groups.length);
  const number = groups.reduce((sum, group) => (sum << bitsPerGroup) | BigInt(group), 0n);
  const first = bits === 32 ? (1n << 129n) + number : number;
  return { first, last: first + (1n << BigInt(bits - Number(prefix ?? bits))) - 1n };
}

function familyOf(address: string): "ipv4" | "ipv6" | null {
  const version = isIP(address);
  if (version === 0) return null;
  return version === 4 ? "ipv4" : "ipv6";
}

/** Four groups of 8 bits or eight of 16. */
function groupsOf(address: string): number[] | null {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return null;
  if (version === 4) return address.split(".").map(Number);
  const groups = ipv6Groups(address);
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isMapped ? groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]) : groups;
}

function formatted(groups: readonly number[]): string {
  if (groups.length === 4) return groups.join(".");
  return canonicalIpv6(groups.map((group) => group.toString(16)).join(":"));
}

/** The eight groups of an IPv6 address. */
export function ipv6Groups(address: string): number[] {
  const [head = "", tail] = canonicalIpv6(address).split("::");
  const numbers = (part: string | undefined) =>
    part ? part.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const before = numbers(head);
  const after = numbers(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** The URL parser normalizes every notation. */
const canonicalIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);
