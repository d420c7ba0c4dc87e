import { Option } from "@commander-js/extra-typings";
import { Anything, ExpirySyncOfAll, ExpirySyncOfOne, Invite, type User } from "#lib/cli/api/answers";
import { segment } from "#lib/cli/api/client";
import { dateValue } from "#lib/cli/options/values";
import { modelsText } from "#lib/cli/output/bounds";
import { counted, day, minute } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import { print, remark, show } from "#lib/cli/output/show";
import { type Column, factLines } from "#lib/cli/output/table";
import type { createUser } from "#lib/services/users/create-user";
import type { resetUsage } from "#lib/services/users/reset-usage";
import type { InputOf } from "#lib/services/verb";
import { modelsChange, modelsField } from "./bounds";
import { addCommand, findRow } from "./commands/add-command";
import { actionWith, remove, update } from "./commands/change";
import { create } from "./commands/create";
import { credit } from "./commands/credit";
import { list } from "./commands/list";
import { get, usage } from "./commands/read";
import { fieldsOf } from "./field";
import { limitChanges, limitFields } from "./limits";
import { organizationLookup, userLookup } from "./lookups";
import { metadataChange, metadataField, metadataFilter, metadataText } from "./metadata";
import { ofOrganization, organizationFilter } from "./organization-filter";
import { defineResource, type ResourceCommand } from "./resource";

export const userColumns: readonly Column<User>[] = [
  { title: "USER", value: titleOf, mayShrink: true },
  { title: "ID", value: (user) => user.id },
  { title: "NAME", value: (user) => user.name, mayShrink: true, mayGo: true },
  { title: "ROLE", value: (user) => user.role },
  { title: "PAYMENT", value: payment, mayShrink: true, mayGo: true },
  { title: "BUDGET", value: (user) => budgetText(user.budget), mayShrink: true, mayGo: true },
  { title: "CREATED", value: (user) => day(user.created_at), mayGo: true },
];

const { field, reference } = fieldsOf<InputOf<typeof createUser>>();

const nameField = field("name", new Option("--name <name>", "the user's name"));
const roleField = field(
  "role",
  new Option("--role <role>", "what the user may do").choices(["member", "viewer", "org_admin", "admin"]),
);
const externalIdField = field(
  "external_id",
  new Option("--external-id <id>", "the id that your own apps use for the user"),
);
const paidUntilOption = new Option("--payment-valid-until <day>", "the last day (UTC) with access").argParser(
  dateValue,
);
const noPaymentDateOption = new Option("--no-payment-valid-until", "remove the date: access does not expire");

/** `tollgate user …` */
export const addUsers = defineResource<User>({
  ...userLookup,
  alias: "users",
  plural: "users",
  summary: "Users: people with access, their role and when their payment expires",
  named: "e-mail, external id or id",
  within: ofOrganization,
  label: (user) => `the user ${titleOf(user)} (${user.id})`,
  columns: userColumns,
  facts: (user) => [
    ["email", user.email],
    ["id", user.id],
    ["name", user.name],
    ["role", user.role],
    ["organization", user.organization_id],
    ["external id", user.external_id],
    ["payment", payment(user)],
    ["models", modelsText(user.allowed_models)],
    ["budget", budgetText(user.budget)],
    ["rate limits", ratesText(user.rate_limits)],
    ["metadata", metadataText(user.metadata)],
    ["created", minute(user.created_at)],
  ],
  commands: [
    create({
      description: "create a user in an organization",
      named: "email",
      nameDescription: "the user's e-mail address; may be left out with --external-id",
      mayBeUnnamed: ({ externalId }) => externalId !== undefined,
      fields: [
        reference(
          "organization_id",
          new Option("--org <org>", "the organization's name or id").makeOptionMandatory(),
          organizationLookup,
        ),
        nameField,
        roleField,
        externalIdField,
        field("payment_valid_until", paidUntilOption),
        limitFields,
        modelsField,
        metadataField,
        field("create_key", new Option("--create-key", "create the first key, too, and print it once")),
      ],
      examples: [
        "npx tollgate user create ada@acme.example --org Acme --budget 20",
        "npx tollgate user create --external-id emp-17 --org Acme",
      ],
      secret: firstKeyOf,
      next: (user) => `npx tollgate key create laptop --user ${titleOf(user)} --save`,
    }),
    list({
      filters: [organizationFilter("users"), metadataFilter("users")],
      empty: "No users yet. Create one:  npx tollgate user create EMAIL --org ORG",
    }),
    get(),
    usage("show a user's usage in the budget period, or this month without a budget"),
    credit("user_id"),
    update("update a user; settings that are not given stay as they are", [
      nameField,
      roleField,
      externalIdField,
      field("payment_valid_until", paidUntilOption, noPaymentDateOption),
      limitChanges,
      modelsChange,
      metadataChange,
    ]),
    actionWith({
      name: "invite",
      description: "create the link by which a person accepts a user: once, within 72 hours",
      item: Invite,
      print: (cli, { url, expires_at, mailed }, { email }) => {
        const how = mailed ? `This link is mailed to ${email}.` : `Send this link to ${email}.`;
        remark(cli, `${how} It works once, until ${minute(expires_at)}.`);
        print(cli, url);
      },
    }),
    actionWith({
      name: "reset-usage",
      aliases: ["reset-quota"],
      description: "reset a user's spending in this period to zero with an adjustment; credit stays",
      fields: [
        fieldsOf<InputOf<typeof resetUsage>>().field(
          "reason",
          new Option("--reason <reason>", "the reason, for the ledger"),
        ),
      ],
      item: Anything,
      print: (cli, _answered, user) => print(cli, `Reset the usage of ${titleOf(user)} to zero.`),
    }),
    syncExpiry,
    remove("delete a user and the user's keys; the ledger keeps their requests", {
      alsoDeleted: "and the user's keys",
    }),
  ],
});

/** `user sync-expiry`: of one user or of all. */
function syncExpiry(...[group, cli, resource]: Parameters<ResourceCommand<User>>): void {
  const { path } = resource;
  addCommand(group, {
    name: "sync-expiry",
    description: "update the payment status from the payment dates, for one user or all",
    arguments: [{ flags: "[user]", description: "e-mail, external id or id; all users if omitted" }],
    options: ofOrganization.options,
    run: async (given, user) => {
      const admin = cli.admin();
      if (user === undefined) {
        const answer = await admin.post(`${path}/sync-expiry`, ExpirySyncOfAll);
        return show(cli, answer, ({ checked, expired }) =>
          print(cli, `Checked ${counted(checked, "user")} with a payment date; ${expired} newly expired.`),
        );
      }
      const { id, email } = await findRow(cli, resource, admin, user, given);
      show(cli, await admin.post(`${path}/${segment(id)}/sync-expiry`, ExpirySyncOfOne), (synced) => {
        const facts = [
          ["email", synced.email ?? email],
          ["payment", synced.payment_status],
          ["valid until", synced.payment_valid_until],
        ] as const;
        print(cli, ...factLines(facts, cli.io.out));
      });
    },
  });
}

/** The key that `--create-key` asked for. */
function firstKeyOf(user: User): string | null {
  const key: unknown = new Map(Object.entries(user)).get("key");
  return typeof key === "string" ? key : null;
}

/** How commands name a user. */
function titleOf({ email, external_id: externalId, id }: User): string {
  return email ?? externalId ?? id;
}

function payment({ payment_status: status, payment_valid_until: until }: User): string | null | undefined {
  if (!until) return status === "none" ? null : status;
  return status === "expired" ? `expired ${until}` : `until ${until}`;
}
