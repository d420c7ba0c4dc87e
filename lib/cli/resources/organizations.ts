import { Option } from "@commander-js/extra-typings";
import { type Organization, User } from "#lib/cli/api/answers";
import { usdValue } from "#lib/cli/options/values";
import { day, minute, usd } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import { action, remove, update } from "./commands/change";
import { create } from "./commands/create";
import { list, listWithin } from "./commands/list";
import { get, usage } from "./commands/read";
import { field } from "./field";
import { limitChanges, limitFields } from "./limits";
import { organizationLookup } from "./lookups";
import { defineResource } from "./resource";
import { userColumns } from "./users";

const failureFields = [
  field(
    "failure_mode",
    new Option("--failure-mode <mode>", "what happens while the database is away").choices([
      "fail_closed",
      "fail_open",
    ]),
  ),
  field(
    "fail_open_allowance_usd",
    new Option("--fail-open-allowance <usd>", "how much may be spent meanwhile, if fail_open").argParser(
      usdValue,
    ),
  ),
  field(
    "on_hang_up",
    new Option(
      "--on-hang-up <mode>",
      "when a client hangs up: cut its answer off, or read it to its end for the exact cost",
    ).choices(["abort", "drain"]),
  ),
];

/** `tollgate org …` */
export const addOrganizations = defineResource<Organization>({
  ...organizationLookup,
  alias: "orgs",
  plural: "organizations",
  summary: "Organizations: who shares a budget and users",
  named: "its name or id",
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
    ["failure mode", org.failure_mode],
    ["on hang-up", org.on_hang_up],
    ["created", minute(org.created_at)],
    ...(org.fail_open_allowance_usd
      ? [["fail-open allowance", usd(org.fail_open_allowance_usd)] as const]
      : []),
  ],
  commands: [
    create({
      description: "make an organization",
      nameDescription: "what it is called",
      fields: [limitFields, ...failureFields],
      examples: ["npx tollgate org create Acme --budget 100 --period month"],
      next: ({ id }) => `npx tollgate user create ada@example.com --org ${id}`,
    }),
    list({ empty: "There are no organizations yet:  npx tollgate org create NAME" }),
    get(),
    usage("show what an organization has used in its budget's period, else this month"),
    listWithin({
      name: "users",
      description: "list an organization's users",
      list: ({ id }) => ({
        path: `${organizationLookup.path}/${id}/users`,
        item: User,
        columns: userColumns,
        empty: `It has no users yet:  npx tollgate user create EMAIL --org ${id}`,
      }),
    }),
    update("change an organization; what is not named stays as it is", [
      field("name", new Option("--name <name>", "rename it")),
      limitChanges,
      ...failureFields,
    ]),
    action({ name: "suspend", description: "refuse an organization's requests" }),
    action({ name: "resume", description: "serve it again" }),
    remove("delete an organization that has no users any more"),
  ],
});
