import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { ipv6Groups } from "#lib/config/address-ranges";

/** Tollgate does not connect to the address of this provider. */
export class AddressNotAllowed extends Error {
  override name = "AddressNotAllowed";
  readonly code = "ADDRESS_NOT_ALLOWED";
}

/** Link-local addresses, cloud metadata services, and addresses that no server can have. */
const NEVER = blockList([
  "169.254.0.0/16",
  "100.100.100.200/32", // Alibaba Cloud
  "168.63.129.16/32", // Azure
  "192.0.0.192/32", // Oracle Cloud
  "224.0.0.0/3", // multicast, reserved, broadcast
  "2001::/32", // Teredo may hide an IPv4 address
  "64:ff9b:1::/48", // local NAT64
  "fe80::/10",
  "fd00:ec2::/32", // AWS
  "fd20:ce::/32", // Google Cloud
  "ff00::/8",
]);

/** Loopback and private networks: allowed unless BLOCK_PRIVATE_UPSTREAMS is set. */
const PRIVATE = blockList([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "::/128",
  "::1/128",
  "fc00::/7",
  "fec0::/10",
]);

/** IPv6 ranges that embed an IPv4 address, and the first of the two 16-bit groups that hold it. */
const EMBEDDED_IPV4: readonly { range: BlockList; firstGroup: number }[] = [
  {
    range: blockList(["::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"]),
    firstGroup: 6,
  },
  { range: blockList(["2002::/16"]), firstGroup: 1 },
];

/**
 * Whether Tollgate may connect to an IP address: never to link-local and metadata addresses, and to loopback
 * and private ones unless `blockPrivate` is set. Applies to every notation, including IPv4-mapped, NAT64 and
 * 6to4 addresses.
 */
export function isAddressAllowed(address: string, blockPrivate: boolean): boolean {
  const [plain = ""] = address.split("%");
  const version = isIP(plain);
  if (version === 0) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  if (NEVER.check(plain, family)) return false;
  if (blockPrivate && PRIVATE.check(plain, family)) return false;
  if (version === 4) return true;
  const groups = ipv6Groups(plain);
  return EMBEDDED_IPV4.every(({ range, firstGroup }) => {
    if (!range.check(plain, "ipv6")) return true;
    const ipv4 = groups.slice(firstGroup, firstGroup + 2).flatMap((group) => [group >> 8, group & 0xff]);
    // :: and ::1 embed no IPv4 address; the lists above cover them.
    if (ipv4.slice(0, 3).every((byte) => byte === 0)) return true;
    return isAddressAllowed(ipv4.join("."), blockPrivate);
  });
}

type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/**
 * Creates a `lookup` for sockets that resolves as the system does and returns allowed addresses only. The
 * socket connects to the address that was checked, without a second resolution.
 */
export function guardedLookup(blockPrivate: boolean, resolve: ResolveAll = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) {
        callback(error, []);
        return;
      }
      const allowed = found.filter(({ address }) => isAddressAllowed(address, blockPrivate));
      const [first] = allowed;
      if (first === undefined) callback(new AddressNotAllowed("The host's address is not allowed"), []);
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", prefix] = range.split("/");
    list.addSubnet(network, Number(prefix), isIP(network) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
