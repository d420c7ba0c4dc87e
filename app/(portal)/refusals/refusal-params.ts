import { createLoader, createParser, createSerializer, parseAsStringLiteral } from "nuqs/server";
import { parseAsUuid } from "../address-parsers";

export const RANGES = ["1h", "24h", "7d", "30d"] as const;

/** What is shown of the refusals, which lives in the page's address. */
export const refusalParsers = {
  range: parseAsStringLiteral(RANGES).withDefault("24h"),
  code: createParser({
    parse: (value) => (/^[a-z_]{1,100}$/.test(value) ? value : null),
    serialize: (value: string) => value,
  }),
  organization: parseAsUuid,
};

export const loadRefusalParams = createLoader(refusalParsers);
export const refusalsHref = createSerializer(refusalParsers);

export type RefusalParams = Awaited<ReturnType<typeof loadRefusalParams>>;

/** The service's query for an address. */
export const toRefusalQuery = ({ range, code, organization }: RefusalParams) => ({
  range,
  code: code ?? undefined,
  organization_id: organization ?? undefined,
});
