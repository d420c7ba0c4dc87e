import { addressSet, plainAddress } from "#lib/config/address-ranges";
import { type Config, config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { PEER_HEADER, stampedPeer } from "./peer-stamp";

/** Where a request comes from, as far as its mount can tell. */
export type Origin = {
  /** Its connection; null under Next, whose handlers are not given it. */
  socket: { remoteAddress?: string | undefined } | null;
  /** By lower-case name. */
  header: (name: string) => string | null;
};

/** Answers the client's address as `plainAddress` writes it; null where it cannot be told. */
export type ReadAddress = (origin: Origin) => string | null;

/**
 * Makes the function that finds out a client's address: the connection's, or, where that is a trusted
 * proxy's, the rightmost entry of `x-forwarded-for` that is not. Whatever stands left of it anybody may
 * have written. On Vercel the header is Vercel's own and its last entry stands for the connection.
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

/** The client's address of a request that Next has handed over, by its headers. */
export function clientAddress(headers: { get: (name: string) => string | null }): string | null {
  const read = oncePerProcess("client-address", () => addressReader(config()));
  return read({ socket: null, header: (name) => headers.get(name) });
}
