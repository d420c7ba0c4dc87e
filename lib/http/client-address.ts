import { addressSet, plainAddress } from "#lib/config/address-ranges";
import { type Config, config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { PEER_HEADER, stampedPeer } from "./peer-stamp";

/** Where a request comes from, as far as its mount knows. */
export type Origin = {
  /** Its connection; null under Next, whose handlers do not get it. */
  socket: { remoteAddress?: string | undefined } | null;
  /** By lower-case name. */
  header: (name: string) => string | null;
};

/** Returns the client's address as `plainAddress` formats it; null if it is unknown. */
export type ReadAddress = (origin: Origin) => string | null;

/**
 * Creates the function that determines a client's address: that of the connection or, if that is a trusted
 * proxy, the rightmost entry of `x-forwarded-for` that is not. Entries further left may be forged. On Vercel
 * the platform writes the header, and its last entry is the connection.
 */
export function addressReader({
  TRUSTED_PROXIES,
  VERCEL,
}: Pick<Config, "TRUSTED_PROXIES" | "VERCEL">): ReadAddress {
  const trusted = addressSet(TRUSTED_PROXIES);
  return ({ socket, header }) => {
    const forwarded = (header("x-forwarded-for") || undefined)?.split(",") ?? [];
    const peer = socket ? socket.remoteAddress : VERCEL ? forwarded.pop() : stampedPeer(header(PEER_HEADER));
    let address = plainAddress(peer ?? "");
    while (address !== null && trusted.has(address)) {
      const before = forwarded.pop();
      if (before === undefined) return address;
      address = plainAddress(before);
    }
    return address;
  };
}

/** The client's address of a request that Next handles, from its headers. */
export function clientAddress(headers: { get: (name: string) => string | null }): string | null {
  const read = oncePerProcess("client-address", () => addressReader(config()));
  return read({ socket: null, header: (name) => headers.get(name) });
}
