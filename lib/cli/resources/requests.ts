import { Option } from "@commander-js/extra-typings";
import { LedgerRow } from "#lib/cli/api/answers";
import { minute, usd } from "#lib/cli/output/format";
import type { Column } from "#lib/cli/output/table";
import type { listRequests } from "#lib/services/requests/list-requests";
import type { InputOf } from "#lib/services/verb";
import { list } from "./commands/list";
import { get } from "./commands/read";
import { type Field, fieldsOf } from "./field";
import { keyLookup, organizationLookup, userLookup } from "./lookups";
import { defineResource } from "./resource";

const { field, reference } = fieldsOf<InputOf<typeof listRequests>>();

const failedFilter: Field = {
  options: [new Option("--failed", "only those that ended in an error")],
  toRequest: ({ failed }) => (failed === true ? { failed: "true" } : {}),
};

const columns: readonly Column<LedgerRow>[] = [
  { title: "TIME", value: (row) => second(row.created_at) },
  { title: "ID", value: (row) => row.id },
  { title: "STATUS", value: (row) => outcome(row), mayShrink: true },
  { title: "MODEL", value: (row) => row.model, mayShrink: true },
  { title: "PROVIDER", value: (row) => row.provider, mayShrink: true, mayGo: true },
  { title: "INPUT", value: (row) => row.input_tokens, align: "right", mayGo: true },
  { title: "OUTPUT", value: (row) => row.output_tokens, align: "right", mayGo: true },
  { title: "COST", value: (row) => usd(row.cost_usd), align: "right" },
  { title: "MS", value: (row) => row.latency_ms, align: "right", mayGo: true },
];

/** `tollgate request …`: the ledger. */
export const addRequests = defineResource<LedgerRow>({
  path: "/requests",
  item: LedgerRow,
  noun: "request",
  command: "request",
  find: async (_admin, reference) => ({ id: reference }),
  alias: "requests",
  plural: "requests",
  summary: "Requests: the ledger, with what each request has cost",
  named: "the x-request-id of its answer, or the id that the client sent",
  label: ({ id }) => `the request ${id}`,
  columns,
  facts: (row) => [
    ["id", row.id],
    ["time", row.created_at],
    ["status", outcome(row)],
    ["endpoint", row.endpoint],
    ["model", row.model],
    ["provider", row.provider],
    ["upstream model", row.upstream_model],
    ["input tokens", row.input_tokens],
    ["cached tokens", row.cached_tokens],
    ["output tokens", row.output_tokens],
    ["cost", usd(row.cost_usd)],
    ...(row.reason == null ? [] : [["reason", row.reason] as const]),
    ["usage from", row.usage_source],
    ["latency", row.latency_ms == null ? null : `${row.latency_ms} ms`],
    ["first content after", row.ttft_ms == null ? null : `${row.ttft_ms} ms`],
    ["organization", row.organization_id],
    ["user", row.user_id],
    ["key", row.api_key_id],
    ["app", row.app_id],
    ["session", row.session_id],
    ["client's id", row.client_request_id],
    ["tags", row.tags?.join(", ")],
    ["attempts", row.attempts?.map(({ provider, outcome: how }) => `${provider}: ${how}`).join(", ")],
  ],
  commands: [
    list({
      filters: [
        field("from", new Option("--from <time>", "a date or time")),
        field("to", new Option("--to <time>", "exclusive")),
        reference("organization_id", new Option("--org <org>", "name or id"), organizationLookup),
        reference("user_id", new Option("--user <user>", "e-mail or id"), userLookup),
        reference("api_key_id", new Option("--key <key>", "id, name or first characters"), keyLookup),
        field("app_id", new Option("--app <id>", "an app's id")),
        field("model", new Option("--model <model>", "only this model")),
        field("provider", new Option("--provider <name>", "only this provider")),
        field("status", new Option("--status <status>", "held, settled, released, swept or adjustment")),
        field("tag", new Option("--tag <tag>", "only with this tag")),
        field("session_id", new Option("--session <id>", "only of this session")),
        field("error_code", new Option("--error-code <code>", "such as upstream_error")),
        field("endpoint", new Option("--endpoint <endpoint>", "such as chat/completions")),
        field("search", new Option("--search <id>", "a request's id, the client's own, or a session's")),
        failedFilter,
      ],
      empty: "No requests.",
      follows: {
        isOpen: ({ status }) => status === "held",
        line: (row) => columns.map(({ value }) => value(row) ?? "–").join("  "),
      },
    }),
    get(),
  ],
});

const second = (instant: string | undefined) =>
  instant?.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d).*Z$/, "$1 $2") ?? minute(instant);

function outcome({ status, http_status: httpStatus, error_code: code }: LedgerRow): string {
  if (status === "held" || status === "adjustment" || status === "swept") return status;
  return [httpStatus, code].filter((part) => part != null).join(" ") || (status ?? "");
}
