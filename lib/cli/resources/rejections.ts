import { Option } from "@commander-js/extra-typings";
import { RejectedRequest, RejectionGroup } from "#lib/cli/api/answers";
import { minute, usd } from "#lib/cli/output/format";
import type { Fact } from "#lib/cli/output/table";
import type { listRejections } from "#lib/services/rejections/list-rejections";
import type { InputOf } from "#lib/services/verb";
import { listInstead } from "./commands/list";
import { get } from "./commands/read";
import { fieldsOf } from "./field";
import { organizationLookup, userLookup } from "./lookups";
import { defineResource } from "./resource";

const { field, reference } = fieldsOf<InputOf<typeof listRejections>>();

/** `tollgate rejection …`: the list counts requests, and has the ids of the last ones. */
export const addRejections = defineResource<RejectedRequest>({
  path: "/rejections",
  item: RejectedRequest,
  noun: "rejected request",
  command: "rejection",
  find: async (_admin, reference) => ({ id: reference }),
  alias: "rejections",
  plural: "rejected requests",
  summary: "Rejections: requests that Tollgate rejected before they reached a provider, and why",
  named: "the x-request-id of its answer",
  label: ({ id }) => `the rejected request ${id}`,
  columns: [],
  facts: (request) => [
    ["id", request.id],
    ["time", minute(request.at)],
    ["code", request.code],
    ["message", request.message],
    ["organization", request.organization_name ?? request.organization_id],
    ["user", request.user_name ?? request.user_id],
    ["key", request.api_key_name ?? request.key_prefix],
    ["app", request.app_name ?? request.app_id],
    ["model", request.model],
    ...budgetFacts(request.budget),
  ],
  commands: [
    listInstead({
      description: "count rejected requests by the hour, newest first",
      item: RejectionGroup,
      columns: [
        { title: "HOUR", value: (group) => minute(group.hour) },
        { title: "CODE", value: (group) => group.code },
        { title: "REQUESTS", value: (group) => group.count, align: "right" },
        {
          title: "CALLER",
          value: (group) => group.api_key_name ?? group.app_name ?? group.user_name ?? group.key_prefix,
          mayShrink: true,
        },
        { title: "MODEL", value: (group) => group.model, mayShrink: true, mayGo: true },
        { title: "LAST REQUEST", value: (group) => group.last_request_ids?.[0] },
        { title: "LAST MESSAGE", value: (group) => group.last_message, mayShrink: true, mayGo: true },
      ],
      filters: [
        reference(
          "organization_id",
          new Option("--org <org>", "only this organization: name or id"),
          organizationLookup,
        ),
        reference("user_id", new Option("--user <user>", "only this user: e-mail or id"), userLookup),
        field("code", new Option("--code <code>", "only this error code, such as insufficient_quota")),
      ],
      empty: "No rejected requests.",
    }),
    get(),
  ],
});

function budgetFacts(budget: RejectedRequest["budget"]): Fact[] {
  if (budget == null) return [];
  return [
    ["budget", `${budget.scope} (${budget.period})`],
    ["left", usd(budget.remaining_usd)],
    ["held", usd(budget.held_usd)],
    ["needed", usd(budget.needed_usd)],
  ];
}
