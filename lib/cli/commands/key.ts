import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ApiKey, ApiKeyWithSecret } from "#lib/cli/api/answers";
import { findKey, findOrganization, findProvider, findUser } from "#lib/cli/api/find";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { nameOption, required, yesOption } from "#lib/cli/options/common";
import {
  budgetOption,
  concurrencyOption,
  limitsBody,
  periodOption,
  requestRateOption,
  softLimitOption,
  tokenRateOption,
} from "#lib/cli/options/limit-options";
import { allOption, cursorOption, limitOption } from "#lib/cli/options/list-options";
import { collected, instantValue, secondsValue } from "#lib/cli/options/values";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { day, minute, usd } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import { print, remark, show } from "#lib/cli/output/show";
import { showList } from "#lib/cli/output/show-list";
import { showSecret } from "#lib/cli/output/show-secret";
import { type Column, factLines } from "#lib/cli/output/table";
import { profileOf, saveKey } from "#lib/cli/profile/save-key";

const columns: readonly Column<ApiKey>[] = [
  { title: "NAME", value: (key) => key.name, mayShrink: true },
  { title: "ID", value: (key) => key.id },
  { title: "KEY", value: (key) => `${key.key_prefix}…` },
  { title: "OWNER", value: (key) => key.user?.name ?? key.organization?.name, mayShrink: true, mayGo: true },
  { title: "STATE", value: state },
  { title: "SPENT", value: (key) => usd(key.spent_this_month_usd), align: "right", mayGo: true },
  { title: "BUDGET", value: (key) => budgetText(key.budget), mayShrink: true, mayGo: true },
  { title: "TAGS", value: (key) => key.tags?.join(", "), mayShrink: true, mayGo: true },
  { title: "CREATED", value: (key) => day(key.created_at), mayGo: true },
];

/** `tollgate key …` */
export function addKeyCommands(parent: CommandUnknownOpts, cli: Cli): void {
  const key = parent
    .command("key")
    .alias("keys")
    .helpCommand(false)
    .description("API keys: what clients call the gateway with");

  key
    .command("create")
    .description("make a key of a user, or of an organization as a whole; prints it, this once, to stdout")
    .argument("[name]", "what to call it")
    .addOption(nameOption)
    .option("--user <user>", "whose it is: e-mail or id")
    .option("--org <org>", "or the organization's name or id")
    .option("--model <model>", "allow only this model; may be repeated", collected)
    .option("--allowed-ip <address>", "allow only from this address or range; may be repeated", collected)
    .option("--provider <provider>", "send its requests to this provider only: name or id")
    .option("--expires <when>", "a day, a time, or how long from now (30d)", instantValue)
    .option("--tag <tag>", "may be repeated", collected)
    .addOption(budgetOption)
    .addOption(periodOption)
    .addOption(softLimitOption)
    .addOption(requestRateOption)
    .addOption(tokenRateOption)
    .addOption(concurrencyOption)
    .option("--save", "keep it in the profile, so that chat needs no --key")
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx tollgate key create laptop --user ada@acme.example --save\n  $ KEY=$(npx tollgate key create ci --org Acme --budget 5 --period day)",
    )
    .action(async (given, options) => {
      const name = required(given, options.name, "name");
      const { user, org, provider, save } = options;
      if ((user === undefined) === (org === undefined)) {
        throw wrongUsage("Say whose key it is: --user EMAIL, or --org ORG for the organization as a whole.");
      }
      const admin = cli.admin();
      if (save) requireProfile(cli, admin.url);
      const body = {
        name,
        ...(user !== undefined && { user_id: (await findUser(admin, user)).id }),
        ...(org !== undefined && { organization_id: (await findOrganization(admin, org)).id }),
        ...(provider !== undefined && { provider_id: (await findProvider(admin, provider)).id }),
        ...(options.model && { allowed_models: options.model }),
        ...(options.allowedIp && { allowed_ips: options.allowedIp }),
        ...(options.expires && { expires_at: options.expires }),
        ...(options.tag && { tags: options.tag }),
        ...limitsBody(options),
      };
      const answer = await admin.post("/api-keys", ApiKeyWithSecret, body);
      show(cli, answer, (made) => showSecret(cli, made.key, `The key "${made.name}" (${made.id}):`));
      if (save) keep(cli, admin.url, answer.value.key);
      else if (!cli.globals().json) remark(cli, "Try it:  npx tollgate chat --key KEY Hello");
    });

  key
    .command("list")
    .alias("ls")
    .description("list keys, newest first")
    .option("--org <org>", "only this organization's: name or id")
    .option("--user <user>", "only this user's: e-mail or id")
    .option("--tag <tag>", "only those with this tag")
    .addOption(limitOption)
    .addOption(cursorOption)
    .addOption(allOption)
    .action(async ({ org, user, tag, ...options }) => {
      const admin = cli.admin();
      const query = {
        organization_id: org === undefined ? undefined : (await findOrganization(admin, org)).id,
        user_id: user === undefined ? undefined : (await findUser(admin, user)).id,
        tag,
      };
      const empty = "There are no such keys:  npx tollgate key create NAME --user EMAIL makes one.";
      await showList(cli, { path: "/api-keys", item: ApiKey, query, columns, empty }, options);
    });

  key
    .command("get")
    .description("show one key")
    .argument("<key>", "id, name, or first characters")
    .action(async (reference) => {
      const admin = cli.admin();
      const { id } = await findKey(admin, reference);
      show(cli, await admin.get(`/api-keys/${id}`, ApiKey), (found) => showKey(cli, found));
    });

  key
    .command("revoke")
    .description("refuse a key from its very next request on, for good")
    .argument("<key>", "id, name, or first characters")
    .action(async (reference) => {
      const admin = cli.admin();
      const { id } = await findKey(admin, reference);
      show(cli, await admin.post(`/api-keys/${id}/revoke`, ApiKey), (revoked) => showKey(cli, revoked));
    });

  key
    .command("rotate")
    .description("replace a key by a new one with the same settings; prints it, this once, to stdout")
    .argument("<key>", "id, name, or first characters")
    .option(
      "--grace <duration>",
      "how long the old one still works: 15m, 24h; not at all unless given",
      secondsValue,
    )
    .option("--save", "keep the new one in the profile, so that chat needs no --key")
    .action(async (reference, { grace = 0, save }) => {
      const admin = cli.admin();
      if (save) requireProfile(cli, admin.url);
      const { id } = await findKey(admin, reference);
      const answer = await admin.post(`/api-keys/${id}/rotate`, ApiKeyWithSecret, { grace_seconds: grace });
      const old = grace > 0 ? `The old key works for ${grace} s more.` : "The old key works no longer.";
      show(cli, answer, (made) => showSecret(cli, made.key, `The new key of "${made.name}" (${id}). ${old}`));
      if (save) keep(cli, admin.url, answer.value.key);
    });

  key
    .command("delete")
    .alias("rm")
    .description("delete a key; the ledger keeps what it used")
    .argument("<key>", "id, name, or first characters")
    .addOption(yesOption)
    .action(async (reference, { yes }) => {
      const admin = cli.admin();
      const { id, name, key_prefix } = await findKey(admin, reference);
      await confirmDeletion(cli, `the key "${name}" (${key_prefix}…)`, yes);
      await admin.delete(`/api-keys/${id}`);
      remark(cli, `Deleted the key "${name}".`);
    });
}

/** @throws CliError, before anything is made, where the key could not be kept */
function requireProfile(cli: Cli, url: string): void {
  if (profileOf(cli.io, cli.globals(), url) !== null) return;
  throw wrongUsage(
    `There is no profile for ${url} to keep the key in.`,
    `Make one:  npx tollgate login --url ${url} --token TOKEN`,
  );
}

function keep(cli: Cli, url: string, secret: string): void {
  const profile = saveKey(cli.io, cli.globals(), url, secret);
  remark(cli, `Kept in the profile "${profile}". Try it:  npx tollgate chat Hello`);
}

function state(key: ApiKey): string {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) <= Date.now() ? "expired" : "active";
}

function showKey(cli: Cli, key: ApiKey): void {
  print(
    cli,
    ...factLines(
      [
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
      cli.io.out,
    ),
  );
}
