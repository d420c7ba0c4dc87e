import { Option } from "@commander-js/extra-typings";
import { type ApiKey, ApiKeyWithSecret, CreatedApiKey } from "#lib/cli/api/answers";
import { wrongUsage } from "#lib/cli/failure";
import { collected, secondsValue } from "#lib/cli/options/values";
import { addressesText, modelsText } from "#lib/cli/output/bounds";
import { day, minute, usd } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import { showSecret } from "#lib/cli/output/show-secret";
import type { createOrMoveKey } from "#lib/services/keys/create-or-move-key";
import type { listKeys } from "#lib/services/keys/list-keys";
import type { InputOf } from "#lib/services/verb";
import { modelsChange, modelsField } from "./bounds";
import { action, actionWith, remove, update } from "./commands/change";
import { createWithSecret } from "./commands/create";
import { credit } from "./commands/credit";
import { findKey } from "./commands/find-key";
import { list } from "./commands/list";
import { get, usage } from "./commands/read";
import { expiryField } from "./expiry";
import { type Field, fieldsOf } from "./field";
import { limitChanges, limitFields } from "./limits";
import { keyLookup, organizationLookup, providerLookup, userLookup } from "./lookups";
import { metadataChange, metadataField, metadataFilter, metadataText } from "./metadata";
import { organizationFilter } from "./organization-filter";
import { defineResource } from "./resource";
import { savesKey } from "./save-option";

const { field, reference } = fieldsOf<InputOf<typeof createOrMoveKey>>();
const filters = fieldsOf<InputOf<typeof listKeys>>();

const addressesField = field(
  "allowed_ips",
  new Option("--allowed-ip <address>", "allow only from this address or range; may be repeated").argParser(
    collected,
  ),
);
const providerField = reference(
  "provider_id",
  new Option("--provider <provider>", "use only this provider: name or id"),
  providerLookup,
);
const tagsField = field("tags", new Option("--tag <tag>", "a tag; may be repeated").argParser(collected));
const digestField = field(
  "key_sha256",
  new Option(
    "--sha256 <digest>",
    "take in a key that clients have already, by its SHA-256 digest in hexadecimal",
  ),
);
const graceOption = new Option(
  "--grace <duration>",
  "how long the old key still works, like 15m or 24h (default: not at all)",
).argParser(secondsValue);
const graceField: Field = {
  options: [graceOption],
  toRequest: (given) => ({ grace_seconds: given.grace ?? 0 }),
};

/** `tollgate key …` */
export const addKeys = defineResource<ApiKey>({
  ...keyLookup,
  alias: "keys",
  otherAliases: ["apikey", "apikeys", "api-key", "api-keys"],
  plural: "keys",
  summary: "API keys: how clients authenticate to the gateway",
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
    ["models", modelsText(key.allowed_models)],
    ["from", addressesText(key.allowed_ips)],
    ["provider", key.provider_id],
    ["budget", budgetText(key.budget)],
    ["rate limits", ratesText(key.rate_limits)],
    ["spent this month", usd(key.spent_this_month_usd)],
    ["expires", minute(key.expires_at)],
    ["tags", key.tags?.join(", ")],
    ["metadata", metadataText(key.metadata)],
    ["created", minute(key.created_at)],
  ],
  commands: [
    createWithSecret({
      description: "create a key for a user or a whole organization; prints it to stdout once",
      nameDescription: "its name",
      fields: [
        reference("user_id", new Option("--user <user>", "its owner: e-mail or id"), userLookup),
        reference(
          "organization_id",
          new Option("--org <org>", "or its organization: name or id"),
          organizationLookup,
        ),
        modelsField,
        addressesField,
        providerField,
        expiryField,
        tagsField,
        metadataField,
        limitFields,
        digestField,
      ],
      examples: [
        "npx tollgate key create laptop --user ada@acme.example --save",
        "KEY=$(npx tollgate key create ci --org Acme --budget 5 --period day)",
        "npx tollgate key create moved --org Acme --sha256 $DIGEST",
      ],
      check: ({ user, org, save, sha256 }) => {
        if (save && sha256) throw wrongUsage("--save needs the key itself, which a digest does not have.");
        if ((user === undefined) !== (org === undefined)) return;
        throw wrongUsage(
          "A key needs one owner: pass either --user EMAIL, or --org ORG for a whole organization.",
        );
      },
      item: CreatedApiKey,
      secret: ({ key }) => key,
      title: ({ name, id, key }) =>
        key === null ? `Clients may use the key "${name}" (${id}) now.` : `The key "${name}" (${id}):`,
      effect: savesKey("save it in the profile, so that chat needs no --key", {
        otherwise: "Try it:  npx tollgate chat --key KEY Hello",
      }),
    }),
    list({
      filters: [
        organizationFilter("keys"),
        filters.reference(
          "user_id",
          new Option("--user <user>", "only keys of this user: e-mail or id"),
          userLookup,
        ),
        filters.field("tag", new Option("--tag <tag>", "only keys with this tag")),
        metadataFilter("keys"),
      ],
      empty: "No keys found. Create one:  npx tollgate key create NAME --user EMAIL",
    }),
    get(),
    findKey(),
    usage("show a key's usage in the budget period, or this month without a budget"),
    credit("api_key_id"),
    update("update a key; settings that are not given stay as they are", [
      field("name", new Option("--name <name>", "rename it")),
      modelsChange,
      addressesField,
      providerField,
      expiryField,
      tagsField,
      metadataChange,
      limitChanges,
    ]),
    action({ name: "revoke", description: "revoke a key for good, starting with its next request" }),
    actionWith({
      name: "rotate",
      description: "replace a key with a new one that has the same settings; prints it to stdout once",
      fields: [graceField],
      item: ApiKeyWithSecret,
      print: (cli, { key, name, id, previous_key_expires_at: oldUntil }) => {
        const old = oldUntil
          ? `The old key works until ${minute(oldUntil)}.`
          : "The old key no longer works.";
        showSecret(cli, key, `The new key of "${name}" (${id}). ${old}`);
      },
      effect: savesKey("save the new key in the profile, so that chat needs no --key"),
    }),
    remove("delete a key; the ledger keeps its requests"),
  ],
});

function state(key: ApiKey): string {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) <= Date.now() ? "expired" : "active";
}
