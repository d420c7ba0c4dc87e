import { Option } from "@commander-js/extra-typings";
import { type ApiKey, ApiKeyWithSecret } from "#lib/cli/api/answers";
import { wrongUsage } from "#lib/cli/failure";
import { collected, instantValue, secondsValue } from "#lib/cli/options/values";
import { day, minute, usd } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import { showSecret } from "#lib/cli/output/show-secret";
import { action, actionWith, remove } from "./commands/change";
import { createWithSecret } from "./commands/create";
import { list } from "./commands/list";
import { get } from "./commands/read";
import { type Field, field, reference } from "./field";
import { limitFields } from "./limits";
import { keyLookup, organizationLookup, providerLookup, userLookup } from "./lookups";
import { defineResource } from "./resource";
import { savesKey } from "./save-option";

const graceOption = new Option(
  "--grace <duration>",
  "how long the old one still works: 15m, 24h; not at all unless given",
).argParser(secondsValue);
const graceField: Field = {
  options: [graceOption],
  toRequest: (given) => ({ grace_seconds: given.grace ?? 0 }),
};

/** `tollgate key …` */
export const addKeys = defineResource<ApiKey>({
  ...keyLookup,
  alias: "keys",
  plural: "keys",
  summary: "API keys: what clients call the gateway with",
  named: "id, name, or first characters",
  label: ({ name, key_prefix: prefix }) => `the key "${name}" (${prefix}…)`,
  columns: [
    { title: "NAME", value: (key) => key.name, mayShrink: true },
    { title: "ID", value: (key) => key.id },
    { title: "KEY", value: (key) => `${key.key_prefix}…` },
    {
      title: "OWNER",
      value: (key) => key.user?.name ?? key.organization?.name,
      mayShrink: true,
      mayGo: true,
    },
    { title: "STATE", value: state },
    { title: "SPENT", value: (key) => usd(key.spent_this_month_usd), align: "right", mayGo: true },
    { title: "BUDGET", value: (key) => budgetText(key.budget), mayShrink: true, mayGo: true },
    { title: "TAGS", value: (key) => key.tags?.join(", "), mayShrink: true, mayGo: true },
    { title: "CREATED", value: (key) => day(key.created_at), mayGo: true },
  ],
  facts: (key) => [
    ["name", key.name],
    ["id", key.id],
    ["key", `${key.key_prefix}…`],
    ["state", state(key)],
    ["user", key.user?.name ?? key.user_id],
    ["organization", key.organization?.name ?? key.organization_id],
    ["models", key.allowed_models ? key.allowed_models.join(", ") || "none" : "all"],
    ["from", key.allowed_ips?.join(", ") || "anywhere"],
    ["provider", key.provider_id],
    ["budget", budgetText(key.budget)],
    ["rate limits", ratesText(key.rate_limits)],
    ["spent this month", usd(key.spent_this_month_usd)],
    ["expires", minute(key.expires_at)],
    ["tags", key.tags?.join(", ")],
    ["created", minute(key.created_at)],
  ],
  commands: [
    createWithSecret({
      description: "make a key of a user, or of an organization as a whole; prints it, this once, to stdout",
      nameDescription: "what to call it",
      fields: [
        reference("user_id", "--user <user>", "whose it is: e-mail or id", userLookup),
        reference("organization_id", "--org <org>", "or the organization's name or id", organizationLookup),
        field(
          "allowed_models",
          new Option("--model <model>", "allow only this model; may be repeated").argParser(collected),
        ),
        field(
          "allowed_ips",
          new Option(
            "--allowed-ip <address>",
            "allow only from this address or range; may be repeated",
          ).argParser(collected),
        ),
        reference(
          "provider_id",
          "--provider <provider>",
          "send its requests to this provider only: name or id",
          providerLookup,
        ),
        field(
          "expires_at",
          new Option("--expires <when>", "a day, a time, or how long from now (30d)").argParser(instantValue),
        ),
        field("tags", new Option("--tag <tag>", "may be repeated").argParser(collected)),
        limitFields,
      ],
      examples: [
        "npx tollgate key create laptop --user ada@acme.example --save",
        "KEY=$(npx tollgate key create ci --org Acme --budget 5 --period day)",
      ],
      check: ({ user, org }) => {
        if ((user === undefined) !== (org === undefined)) return;
        throw wrongUsage("Say whose key it is: --user EMAIL, or --org ORG for the organization as a whole.");
      },
      item: ApiKeyWithSecret,
      secret: ({ key }) => key,
      title: ({ name, id }) => `The key "${name}" (${id}):`,
      effect: savesKey("keep it in the profile, so that chat needs no --key", {
        otherwise: "Try it:  npx tollgate chat --key KEY Hello",
      }),
    }),
    list({
      filters: [
        reference(
          "organization_id",
          "--org <org>",
          "only this organization's: name or id",
          organizationLookup,
        ),
        reference("user_id", "--user <user>", "only this user's: e-mail or id", userLookup),
        field("tag", new Option("--tag <tag>", "only those with this tag")),
      ],
      empty: "There are no such keys:  npx tollgate key create NAME --user EMAIL makes one.",
    }),
    get(),
    action({ name: "revoke", description: "refuse a key from its very next request on, for good" }),
    actionWith({
      name: "rotate",
      description: "replace a key by a new one with the same settings; prints it, this once, to stdout",
      fields: [graceField],
      item: ApiKeyWithSecret,
      print: (cli, { key, name, id, previous_key_expires_at: oldUntil }) => {
        const old = oldUntil
          ? `The old key works until ${minute(oldUntil)}.`
          : "The old key works no longer.";
        showSecret(cli, key, `The new key of "${name}" (${id}). ${old}`);
      },
      effect: savesKey("keep the new one in the profile, so that chat needs no --key"),
    }),
    remove("delete a key; the ledger keeps what it used"),
  ],
});

function state(key: ApiKey): string {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) <= Date.now() ? "expired" : "active";
}
