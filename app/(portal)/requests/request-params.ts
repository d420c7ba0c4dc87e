import {
  createLoader,
  createSerializer,
  parseAsBoolean,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";

export const REQUEST_RANGES = ["1h", "24h", "7d", "30d"] as const;
export const REQUEST_STATUSES = ["held", "settled", "released", "swept", "adjustment"] as const;

/** The query parameters of the ledger, for the page and its filters. */
export const requestParsers = {
  status: parseAsStringLiteral(REQUEST_STATUSES),
  model: parseAsString,
  key: parseAsString,
  organization: parseAsString,
  range: parseAsStringLiteral(REQUEST_RANGES),
  mode: parseAsStringLiteral(["streamed", "whole"] as const),
  failed: parseAsBoolean.withDefault(false),
  cursor: parseAsString,
};

export const loadRequestParams = createLoader(requestParsers);
export const requestsHref = createSerializer(requestParsers);

export type RequestParams = Awaited<ReturnType<typeof loadRequestParams>>;

const TEXT_OF_MODE = { streamed: "true", whole: "false" } as const;
const HOURS = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 } as const;

/** The service's query for these parameters. Invalid ids are ignored. */
export function toQuery(params: RequestParams, nowMs: number) {
  const { range, mode } = params;
  return {
    status: params.status ?? undefined,
    model: params.model || undefined,
    api_key_id: uuid(params.key),
    organization_id: uuid(params.organization),
    stream: mode === null ? undefined : TEXT_OF_MODE[mode],
    failed: params.failed ? ("true" as const) : undefined,
    from: range === null ? undefined : new Date(nowMs - HOURS[range] * 3_600_000).toISOString(),
    cursor: uuid(params.cursor),
  };
}

export const isFiltered = ({ cursor, ...filters }: RequestParams): boolean =>
  Object.values(filters).some((value) => value !== null && value !== false);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const uuid = (text: string | null) => (text !== null && UUID.test(text) ? text : undefined);
