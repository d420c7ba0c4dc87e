import { Option } from "@commander-js/extra-typings";
import { type Organization, User } from "#lib/cli/api/answers";
import { usdValue } from "#lib/cli/options/values";
import { memberKeysText, modelsText } from "#lib/cli/output/bounds";
import { day, minute, usd } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import type { createOrganization } from "#lib/services/organizations/create-organization";
import type { InputOf } from "#lib/services/verb";
import { memberKeysChange, memberKeysField, modelsChange, modelsField } from "./bounds";
import { action, remove, update } from "./commands/change";
import { create } from "./commands/create";
import { credit } from "./commands/credit";
import { list, listWithin } from "./commands/list";
import { get, usage } from "./commands/read";
import { fieldsOf } from "./field";
import { budgetOption, limitChanges, limitFields } from "./limits";
import { organizationLookup } from "./lookups";
import { metadataChange, metadataField, metadataFilter, metadataText } from "./metadata";
import { defineResource } from "./resource";
import { userColumns } from "./users";

const { field } = fieldsOf<InputOf<typeof createOrganization>>();

const failureFields = [
  field(
    "failure_mode",
    new Option("--failure-mode <mode>", "what to do with requests while the database is unavailable").choices(
      ["fail_closed", "fail_open"],
    ),
  ),
  field(
    "fail_open_allowance_usd",
    new Option("--fail-open-allowance <usd>", "how much may be spent meanwhile with fail_open").argParser(
      usdValue,
    ),
  ),
  field(
    "on_hang_up",
    new Option(
      "--on-hang-up <mode>",
      "when a client disconnects: abort the answer, or drain it to learn the exact cost",
    ).choices(["abort", "drain"]),
  ),
];

/** `tollgate org …` */
export const addOrganizations = defineResource<Organization>({
  ...organizationLookup,
  alias: "orgs",
  otherAliases: ["organization", "organizations"],
  plural: "organizations",
  summary: "Organizations: groups of users that share a budget",
  named: "name or id",
  label: ({ name, id }) => `the organization "${name}" (${id})`,
  columns: [
    { title: "NAME", value: (org) => org.name, mayShrink: true },
    { title: "ID", value: (org) => org.id },
    { title: "BUDGET", value: (org) => budgetText(org.budget), mayShrink: true, mayGo: true },
    { title: "STATE", value: (org) => (org.suspended_at ? "suspended" : "active") },
    { title: "CREATED", value: (org) => day(org.created_at), mayGo: true },
  ],
  facts: (org) => [
    ["name", org.name],
    ["id", org.id],
    ["state", org.suspended_at ? `suspended since ${minute(org.suspended_at)}` : "active"],
    ["budget", budgetText(org.budget)],
    ["rate limits", ratesText(org.rate_limits)],
    ["models", modelsText(org.allowed_models)],
    ["keys of people", memberKeysText(org.member_keys)],
    ["metadata", metadataText(org.metadata)],
    ["failure mode", org.failure_mode],
    ["on hang-up", org.on_hang_up],
    ["created", minute(org.created_at)],
    ...(org.fail_open_allowance_usd
      ? [["fail-open allowance", usd(org.fail_open_allowance_usd)] as const]
      : []),
  ],
  commands: [
    create({
      description: "create an organization",
      nameDescription: "its name",
      second: {
        flags: "[budget]",
        description: "how much it may spend in each period",
        option: budgetOption,
      },
      fields: [limitFields, modelsField, memberKeysField, metadataField, ...failureFields],
      examples: [
        "npx tollgate org create Acme --budget 100 --period month",
        "npx tollgate org create Acme --model gpt-4o-mini --member-keys-max 3 --member-keys-days 90",
      ],
      next: ({ id }) => `npx tollgate user create ada@example.com --org ${id}`,
    }),
    list({
      filters: [metadataFilter("organizations")],
      empty: "No organizations yet. Create one:  npx tollgate org create NAME",
    }),
    get(),
    usage("show an organization's usage in its budget period, or this month if it has no budget"),
    credit("organization_id"),
    listWithin({
      name: "users",
      description: "list an organization's users",
      list: ({ id }) => ({
        path: `${organizationLookup.path}/${id}/users`,
        item: User,
        columns: userColumns,
        empty: `This organization has no users yet. Create one:  npx tollgate user create EMAIL --org ${id}`,
      }),
    }),
    update("update an organization; settings that are not given stay as they are", [
      field("name", new Option("--name <name>", "rename it")),
      limitChanges,
      modelsChange,
      memberKeysChange,
      metadataChange,
      ...failureFields,
    ]),
    action({ name: "suspend", description: "reject an organization's requests" }),
    action({ name: "resume", description: "accept an organization's requests again" }),
    remove("delete an organization that has no users"),
  ],
});
