import type { ClientHeaders } from "#lib/dialects/headers/client-headers";
import type { Route } from "#lib/gateway/routing/routing";
import { type PassedHeaders, passNothing } from "#lib/providers/passed-headers";

/** What of a client's headers goes on by a route, and what does not. */
export const headersFor = (
  clientHeaders: ClientHeaders,
  { wire, rates }: Pick<Route, "wire" | "rates">,
): PassedHeaders => (wire.passHeaders ?? passNothing)(clientHeaders, { hasTiers: rates.tiers.length > 0 });
