import { createLoader, createParser, createSerializer, parseAsStringLiteral } from "nuqs/server";
import { parseAsUuid } from "../address-parsers";

export const RANGES = ["1h", "24h", "7d", "30d"] as const;

/** The query parameters of the rejections. */
export const rejectionParsers = {
  range: parseAsStringLiteral(RANGES).withDefault("24h"),
  code: createParser({
    parse: (value) => (/^[a-z_]{1,100}$/.test(value) ? value : null),
    serialize: (value: string) => value,
  }),
  organization: parseAsUuid,
};

export const loadRejectionParams = createLoader(rejectionParsers);
export const rejectionsHref = createSerializer(rejectionParsers);

export type RejectionParams = Awaited<ReturnType<typeof loadRejectionParams>>;

/** The service's query for these parameters. */
export const toRejectionQuery = ({ range, code, organization }: RejectionParams) => ({
  range,
  code: code ?? undefined,
  organization_id: organization ?? undefined,
});
