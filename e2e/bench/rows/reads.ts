import type { RowsData } from "./data";

/** Who reads: an administrator, or the admin of the largest organization, by a token; or an administrator in the portal. */
export type Reader = "admin" | "organization" | "portal";

/** A read that is measured. `column` places it beside others of the same name. */
export type Read = {
  section: string;
  name: string;
  column?: string;
  reader: Reader;
  path: string;
  /** Null: it is no page to wait for, such as a check of the whole ledger. */
  barMs: number | null;
  /** Measures until the first byte of the body instead of the last one. */
  firstByte?: true;
};

/** Ids of what `data.ts` makes. */
export type Known = {
  organization: string;
  smallOrganization: string;
  user: string;
  key: string;
  app: string;
  quietApp: string;
  request: string;
  clientRequestId: string;
  sessionId: string;
};

const BAR_MS = 200;
const OTHER_ZONE_BAR_MS = 1000;
const DAY_MS = 86_400_000;
const WINDOWS_DAYS = [1, 7, 30, 90, 100];
const SERIES = ["hour", "day"];
const GROUPS = [
  ...SERIES,
  ...["organization", "user", "api_key", "app", "model", "provider", "upstream_model", "endpoint", "tag"],
  ...["metadata:team", "metadata:caller"],
];
const ZONES = ["UTC", "Asia/Kathmandu"];
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

type Query = Readonly<Record<string, string | readonly string[]>>;
const pathOf = (path: string, query: Query): string => {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value]),
  );
  const search = new URLSearchParams(pairs).toString();
  return search === "" ? path : `${path}?${search}`;
};

/** Everything that the Admin API and the portal read. */
export function readsOf(data: RowsData, known: Known): Read[] {
  return [
    ...requestReads(data, known),
    ...usageReads(data, known),
    ...otherReads(known),
    ...pageReads(known),
  ];
}

function requestReads({ start, end }: RowsData, known: Known): Read[] {
  const days = (from: number, to: number): Query => ({
    from: new Date(start.getTime() + from * DAY_MS).toISOString(),
    to: new Date(start.getTime() + to * DAY_MS).toISOString(),
  });
  const cursorAt = (ms: number): Query => {
    const time = ms.toString(16).padStart(12, "0");
    return { cursor: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000` };
  };
  const filters: [string, Query][] = [
    ["the newest", {}],
    ["the newest 200", { limit: "200" }],
    ["from the middle on", cursorAt((start.getTime() + end.getTime()) / 2)],
    ["the oldest", cursorAt(start.getTime() + DAY_MS / 10)],
    ["a day", days(50, 51)],
    ["a day, by tag", { ...days(50, 51), tag: "prod" }],
    ["30 days, by tag", { ...days(60, 90), tag: "team-3" }],
    ["a large organization", { organization_id: known.organization }],
    ["a small organization", { organization_id: known.smallOrganization }],
    ["a user", { user_id: known.user }],
    ["a key", { api_key_id: known.key }],
    ["a key's failures", { api_key_id: known.key, failed: "true" }],
    ["an app", { app_id: known.app }],
    ["a quiet app", { app_id: known.quietApp }],
    ["an unknown app", { app_id: UNKNOWN }],
    ["a frequent tag", { tag: "prod" }],
    ["a tag of three old requests", { tag: "rare" }],
    ["an unknown tag", { tag: "unknown" }],
    ["a model of three old requests", { model: "retired-model" }],
    ["an unknown model", { model: "unknown" }],
    ["a provider of three old requests", { provider: "retired" }],
    ["an unknown provider", { provider: "unknown" }],
    ["held", { status: "held" }],
    ["swept", { status: "swept" }],
    ["adjustments", { status: "adjustment" }],
    ["failures", { failed: "true" }],
    ["failures of a day", { ...days(50, 51), failed: "true" }],
    ["an endpoint's failures", { endpoint: "embeddings", failed: "true" }],
    ["a tag's failures", { tag: "prod", failed: "true" }],
    ["failures of a model of three old requests", { model: "retired-model", failed: "true" }],
    ["released", { status: "released" }],
    ["whole ones that succeeded", { stream: "false", failed: "false" }],
    ["an error of three old requests", { error_code: "rare_error" }],
    ["an endpoint", { endpoint: "embeddings" }],
    ["streamed", { stream: "true" }],
    ["a large organization's held ones", { organization_id: known.organization, status: "held" }],
    ["a large organization, by an unknown model", { organization_id: known.organization, model: "unknown" }],
    ["a session", { session_id: known.sessionId }],
    ["the client's id", { client_request_id: known.clientRequestId }],
    ["free text that is an id", { search: known.request }],
    ["free text that is a session", { search: known.sessionId }],
    ["free text that is nothing", { search: "unknown" }],
  ];
  const read =
    (reader: Reader) =>
    ([name, query]: [string, Query]): Read => ({
      section: "requests",
      name,
      column: reader === "admin" ? "all" : "the largest organization's",
      reader,
      path: pathOf("/requests", query),
      barMs: BAR_MS,
    });
  const csv = {
    section: "requests",
    name: "CSV of all, the first byte",
    reader: "admin",
    firstByte: true,
  } as const;
  return [
    ...filters.map(read("admin")),
    ...filters.map(read("organization")),
    { ...csv, column: "all", path: pathOf("/requests", { format: "csv" }), barMs: BAR_MS },
  ];
}

function usageReads({ end }: RowsData, known: Known): Read[] {
  const read = (
    name: string,
    reader: Reader,
    group: string | readonly string[],
    zone: string,
    days: number,
    query: Query = {},
  ): Read => ({
    section: "usage",
    name: zone === "UTC" ? name : `${name}, ${zone}`,
    column: `${days} d`,
    reader,
    path: pathOf("/usage", {
      from: new Date(end.getTime() - days * DAY_MS).toISOString(),
      to: end.toISOString(),
      group_by: group,
      ...(zone === "UTC" ? {} : { time_zone: zone }),
      ...query,
    }),
    barMs: zone === "UTC" || SERIES.some((series) => series === group) ? BAR_MS : OTHER_ZONE_BAR_MS,
  });
  const owners: [string, Query][] = [
    ["a large organization", { organization_id: known.organization }],
    ["a user", { user_id: known.user }],
    ["a key", { api_key_id: known.key }],
    ["an app", { app_id: known.app }],
    ["a model", { model: "gpt-5-mini" }],
    ["a tag", { tag: "prod" }],
  ];
  return ZONES.flatMap((zone) =>
    WINDOWS_DAYS.flatMap((days) => [
      ...GROUPS.map((group) => read(`by ${group}`, "admin", group, zone, days)),
      ...["model", "organization"].map((inner) =>
        read(`by day and ${inner}`, "admin", ["day", inner], zone, days),
      ),
      read("by organization and model", "admin", ["organization", "model"], zone, days),
      ...owners.map(([name, query]) => read(`${name}, by day`, "admin", "day", zone, days, query)),
      ...["day", "user", "model", "tag"].map((group) =>
        read(`as the largest organization, by ${group}`, "organization", group, zone, days),
      ),
    ]),
  );
}

function otherReads(known: Known): Read[] {
  const paths = [
    "/organizations",
    `/organizations/${known.organization}`,
    `/organizations/${known.organization}/usage`,
    `/organizations/${known.organization}/users?limit=200`,
    "/users?limit=200",
    "/users?search=user-1999",
    `/users/${known.user}`,
    `/users/${known.user}/usage`,
    `/users/${known.user}/sessions`,
    "/api-keys?limit=200",
    "/api-keys?tag=prod",
    "/api-keys?search=2999",
    `/api-keys/${known.key}`,
    `/api-keys/${known.key}/usage`,
    "/apps?limit=200",
    `/apps/${known.app}`,
    `/apps/${known.app}/usage`,
    "/providers",
    "/provider-presets",
    "/models",
    `/requests/${known.request}`,
    `/requests/${known.clientRequestId}`,
    "/requests/unknown",
    "/rejections",
    "/budget-events",
    "/notices",
    "/webhooks",
    "/admin-tokens",
    "/audit-log",
    "/metrics",
  ];
  const read = (path: string, reader: Reader, barMs: number | null = BAR_MS): Read => ({
    ...{
      section: "other reads",
      name: path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "{id}"),
      reader,
      path,
      barMs,
    },
  });
  return [
    ...paths.map((path) => read(path, "admin")),
    { ...read("/metrics", "organization"), name: "/metrics as the largest organization" },
    { ...read("/reconciliation", "admin", null), name: "/reconciliation of the newest days" },
  ];
}

function pageReads(known: Known): Read[] {
  const paths = [
    ...["24h", "7d", "30d"].map((range) => `/?range=${range}`),
    "/usage",
    "/usage?range=today",
    ...["user", "metadata:caller", "hour"].map((group) => `/usage?range=30d&group=${group}`),
    "/usage?range=last-month&group=api_key",
    ...[
      "user&by=model",
      "user&by=day",
      "organization&by=user",
      "model&by=user",
      "tag&by=user",
      "metadata:caller&by=model",
    ].map((groups) => `/usage?range=30d&group=${groups}`),
    ...["day&by=model", "day&by=user", "hour&by=model"].map((groups) => `/usage?range=30d&group=${groups}`),
    // The page shows the hours of callers of a week at most.
    ...["hour&by=user", "user&by=hour"].map((groups) => `/usage?range=7d&group=${groups}`),
    "/usage?range=90d&group=api_key&by=user",
    `/usage?range=90d&organization=${known.organization}&group=user&by=model`,
    `/usage?range=30d&user=${known.user}&group=day&by=model`,
    "/requests",
    "/requests?q=unknown",
    "/requests?failed=true",
    "/requests?model=retired-model",
    "/requests?error=rare_error",
    "/requests?endpoint=embeddings&failed=true",
    "/requests?mode=whole",
    ...["held", "released", "swept", "adjustment"].map((status) => `/requests?status=${status}`),
    "/requests?range=30d",
    `/requests?session=${known.sessionId}`,
    `/requests?cursor=${known.request}`,
    `/requests?organization=${known.organization}`,
    `/requests?organization=${known.organization}&failed=true`,
    `/requests?key=${known.key}`,
    `/requests/${known.request}`,
    "/organizations",
    "/organizations?q=Organization+50",
    `/organizations/${known.organization}`,
    "/users",
    "/users?q=user-1999",
    "/users?role=viewer",
    `/users?organization=${known.organization}`,
    `/users/${known.user}`,
    "/payments",
    "/keys",
    "/keys?q=2999",
    `/keys?organization=${known.organization}`,
    `/keys?user=${known.user}`,
    `/keys/${known.key}`,
    "/apps",
    `/apps?organization=${known.organization}`,
    `/apps/${known.app}`,
    "/models",
    "/providers",
    "/rejections",
    "/rejections?range=30d",
    "/notices",
    "/audit",
    `/audit?organization=${known.organization}`,
    "/tokens",
    "/webhooks",
    "/account",
  ];
  return paths.map((path) => ({
    section: "pages",
    name: path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}"),
    reader: "portal",
    path,
    barMs: BAR_MS,
  }));
}
