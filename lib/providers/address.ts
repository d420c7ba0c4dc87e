import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { ipv6Groups } from "#lib/config/address-ranges";

/** A provider's address is one that Tollgate does not connect to. */
export class AddressRefused extends Error {
  override name = "AddressRefused";
  readonly code = "ADDRESS_REFUSED";
}

/** Link-local addresses, cloud metadata services wherever they are, and what no server can have. */
const NEVER = blockList([
  "169.254.0.0/16",
  "100.100.100.200/32", // Alibaba Cloud
  "168.63.129.16/32", // Azure
  "192.0.0.192/32", // Oracle Cloud
  "224.0.0.0/3", // multicast, reserved, broadcast
  "2001::/32", // Teredo hides an IPv4 address, and so may
  "64:ff9b:1::/48", // local NAT64
  "fe80::/10",
  "fd00:ec2::/32", // AWS
  "fd20:ce::/32", // Google Cloud
  "ff00::/8",
]);

/** Loopback and private networks, allowed unless BLOCK_PRIVATE_UPSTREAMS is set. */
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

/** Ranges of IPv6 that stand for IPv4 addresses, and which of the eight 16-bit groups hold those. */
const EMBEDDED_IPV4: readonly { range: BlockList; firstGroup: number }[] = [
  {
    range: blockList(["::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"]),
    firstGroup: 6,
  },
  { range: blockList(["2002::/16"]), firstGroup: 1 },
];

/**
 * Whether Tollgate may connect to an IP address: never to link-local and metadata addresses, to loopback
 * and private ones only where `blockPrivate` is false, in whatever notation they come (IPv4-mapped,
 * NAT64 and 6to4 forms included).
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
    // :: and ::1 are no IPv4 addresses: they are judged above.
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
 * A `lookup` for sockets that resolves as the system does and hands on only allowed addresses, so that
 * what was checked is what is connected to (no second resolution in between).
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
      if (first === undefined) callback(new AddressRefused("The host's address is not allowed"), []);
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
