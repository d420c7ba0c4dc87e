import { byName } from "./by-name";

/** The host of a provider's address; empty for an in-process provider. */
export const hostOf = byName((baseUrl) => (URL.canParse(baseUrl) ? new URL(baseUrl).hostname : ""));

/** Whether a host is one of these domains or within one. */
export const isWithin = (host: string, domains: readonly string[]): boolean =>
  domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
