import type { Route } from "#lib/gateway/routing/routing";
import { priceCeiling } from "#lib/gateway/sizing/price-ceiling";
import type { PassedHeaders } from "#lib/providers/passed-headers";
import type { Admission } from "./admission";
import { headersFor } from "./headers-for";
import { isCovered } from "./likely-output";

/** What a request to a route carries besides what the client has sent as its body: under a hard budget, the most that it may cost. */
export function passedTo(admission: Admission, route: Route): PassedHeaders {
  const passed = headersFor(admission.clientHeaders, route);
  const ceiling = isCovered(admission) ? priceCeiling(route) : null;
  return ceiling === null ? passed : { ...passed, fields: { ...passed.fields, ...ceiling } };
}
