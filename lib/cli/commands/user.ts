import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { Anything, ExpirySyncOfAll, ExpirySyncOfOne, Usage, User } from "#lib/cli/api/answers";
import { findOrganization, findUser } from "#lib/cli/api/find";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { required, yesOption } from "#lib/cli/options/common";
import {
  budgetOption,
  concurrencyOption,
  limitsBody,
  noBudgetOption,
  noRateLimitsOption,
  periodOption,
  requestRateOption,
  softLimitOption,
  tokenRateOption,
} from "#lib/cli/options/limit-options";
import { allOption, cursorOption, limitOption } from "#lib/cli/options/list-options";
import { dateValue } from "#lib/cli/options/values";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { counted, day, minute } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import { print, remark, show } from "#lib/cli/output/show";
import { showList } from "#lib/cli/output/show-list";
import { type Column, factLines } from "#lib/cli/output/table";
import { usageFacts } from "#lib/cli/output/usage";

export const userColumns: readonly Column<User>[] = [
  { title: "EMAIL", value: (user) => user.email, mayShrink: true },
  { title: "ID", value: (user) => user.id },
  { title: "NAME", value: (user) => user.name, mayShrink: true, mayGo: true },
  { title: "ROLE", value: (user) => user.role },
  { title: "PAYMENT", value: payment, mayShrink: true, mayGo: true },
  { title: "BUDGET", value: (user) => budgetText(user.budget), mayShrink: true, mayGo: true },
  { title: "CREATED", value: (user) => day(user.created_at), mayGo: true },
];

const roleOption = new Option("--role <role>", "what the user may do").choices([
  "member",
  "viewer",
  "org_admin",
  "admin",
]);
const paidUntilOption = new Option(
  "--payment-valid-until <day>",
  "the last day (UTC) on which requests are served",
).argParser(dateValue);
const externalIdOption = new Option("--external-id <id>", "what your own apps call the user");

/** `tollgate user …` */
export function addUserCommands(parent: CommandUnknownOpts, cli: Cli): void {
  const user = parent
    .command("user")
    .alias("users")
    .helpCommand(false)
    .description("Users: people, their role and payment");

  user
    .command("create")
    .description("make a user in an organization")
    .argument("[email]", "the user's e-mail address")
    .addOption(new Option("--email <email>").hideHelp())
    .requiredOption("--org <org>", "the organization's name or id")
    .option("--name <name>", "the user's name")
    .addOption(roleOption)
    .addOption(externalIdOption)
    .addOption(paidUntilOption)
    .addOption(budgetOption)
    .addOption(periodOption)
    .addOption(softLimitOption)
    .addOption(requestRateOption)
    .addOption(tokenRateOption)
    .addOption(concurrencyOption)
    .addHelpText("after", "\nExample:\n  $ npx tollgate user create ada@acme.example --org Acme --budget 20")
    .action(async (given, options) => {
      const email = required(given, options.email, "email");
      const admin = cli.admin();
      const { id } = await findOrganization(admin, options.org);
      const body = { email, organization_id: id, ...userBody(options), ...limitsBody(options) };
      show(cli, await admin.post("/users", User, body), (made) => {
        showUser(cli, made);
        remark(cli, "", `Next:  npx tollgate key create laptop --user ${made.email} --save`);
      });
    });

  user
    .command("list")
    .alias("ls")
    .description("list users, newest first")
    .option("--org <org>", "only those of this organization (name or id)")
    .addOption(limitOption)
    .addOption(cursorOption)
    .addOption(allOption)
    .action(async (options) => {
      const path =
        options.org === undefined
          ? "/users"
          : `/organizations/${(await findOrganization(cli.admin(), options.org)).id}/users`;
      const empty = "There are no users yet:  npx tollgate user create EMAIL --org ORG";
      await showList(cli, { path, item: User, columns: userColumns, empty }, options);
    });

  user
    .command("get")
    .description("show one user")
    .argument("<user>", "e-mail or id")
    .action(async (reference) => {
      const admin = cli.admin();
      const { id } = await findUser(admin, reference);
      show(cli, await admin.get(`/users/${id}`, User), (found) => showUser(cli, found));
    });

  user
    .command("usage")
    .description("show what a user has used in the budget's period, else this month")
    .argument("<user>", "e-mail or id")
    .action(async (reference) => {
      const admin = cli.admin();
      const { id } = await findUser(admin, reference);
      show(cli, await admin.get(`/users/${id}/usage`, Usage), (usage) =>
        print(cli, ...factLines(usageFacts(usage), cli.io.out)),
      );
    });

  user
    .command("update")
    .description("change a user; what is not named stays as it is")
    .argument("<user>", "e-mail or id")
    .option("--name <name>", "the user's name")
    .addOption(roleOption)
    .addOption(externalIdOption)
    .addOption(paidUntilOption)
    .option("--no-payment-valid-until", "keep no date: requests are served")
    .addOption(budgetOption)
    .addOption(noBudgetOption)
    .addOption(periodOption)
    .addOption(softLimitOption)
    .addOption(requestRateOption)
    .addOption(tokenRateOption)
    .addOption(concurrencyOption)
    .addOption(noRateLimitsOption)
    .action(async (reference, options) => {
      const admin = cli.admin();
      const now = await findUser(admin, reference);
      const body = { ...userBody(options), ...limitsBody(options, now) };
      if (Object.keys(body).length === 0) throw wrongUsage("Say what to change: --help lists the options.");
      show(cli, await admin.patch(`/users/${now.id}`, User, body), (changed) => showUser(cli, changed));
    });

  user
    .command("reset-usage")
    .description("set what a user has spent in this period back to nothing, by an adjustment")
    .argument("<user>", "e-mail or id")
    .option("--reason <reason>", "why, for the ledger")
    .action(async (reference, { reason }) => {
      const admin = cli.admin();
      const { id, email } = await findUser(admin, reference);
      const answer = await admin.post(`/users/${id}/reset-usage`, Anything, { ...(reason && { reason }) });
      show(cli, answer, () => print(cli, `The usage of ${email} is set back to nothing.`));
    });

  user
    .command("sync-expiry")
    .description("bring payment status up to date with the dates: one user's, or everybody's")
    .argument("[user]", "e-mail or id; all users without it")
    .action(async (reference) => {
      const admin = cli.admin();
      if (reference === undefined) {
        return show(cli, await admin.post("/users/sync-expiry", ExpirySyncOfAll), ({ checked, expired }) =>
          print(cli, `${counted(checked, "user")} with a date checked; ${expired} newly expired.`),
        );
      }
      const { id, email } = await findUser(admin, reference);
      show(cli, await admin.post(`/users/${id}/sync-expiry`, ExpirySyncOfOne), (synced) =>
        print(
          cli,
          ...factLines(
            [
              ["email", synced.email ?? email],
              ["payment", synced.payment_status],
              ["valid until", synced.payment_valid_until],
            ],
            cli.io.out,
          ),
        ),
      );
    });

  user
    .command("delete")
    .alias("rm")
    .description("delete a user and the user's keys; the ledger keeps what was used")
    .argument("<user>", "e-mail or id")
    .addOption(yesOption)
    .action(async (reference, { yes }) => {
      const admin = cli.admin();
      const { id, email } = await findUser(admin, reference);
      await confirmDeletion(cli, `the user ${email} (${id}) and the user's keys`, yes);
      await admin.delete(`/users/${id}`);
      remark(cli, `Deleted the user ${email}.`);
    });
}

type UserOptions = {
  name?: string | undefined;
  role?: string | undefined;
  externalId?: string | undefined;
  paymentValidUntil?: string | boolean | undefined;
};

function userBody({ name, role, externalId, paymentValidUntil }: UserOptions) {
  return {
    ...(name && { name }),
    ...(role && { role }),
    ...(externalId && { external_id: externalId }),
    ...(paymentValidUntil === false && { payment_valid_until: null }),
    ...(typeof paymentValidUntil === "string" && { payment_valid_until: paymentValidUntil }),
  };
}

function payment({ payment_status: status, payment_valid_until: until }: User): string | null | undefined {
  if (!until) return status === "none" ? null : status;
  return status === "expired" ? `expired ${until}` : `until ${until}`;
}

function showUser(cli: Cli, user: User): void {
  print(
    cli,
    ...factLines(
      [
        ["email", user.email],
        ["id", user.id],
        ["name", user.name],
        ["role", user.role],
        ["organization", user.organization_id],
        ["external id", user.external_id],
        ["payment", payment(user)],
        ["budget", budgetText(user.budget)],
        ["rate limits", ratesText(user.rate_limits)],
        ["created", minute(user.created_at)],
      ],
      cli.io.out,
    ),
  );
}
