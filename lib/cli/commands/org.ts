import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { Organization, Usage, User } from "#lib/cli/api/answers";
import { findOrganization } from "#lib/cli/api/find";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { nameOption, required, yesOption } from "#lib/cli/options/common";
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
import { usdValue } from "#lib/cli/options/values";
import { confirmDeletion } from "#lib/cli/output/confirm";
import { day, minute, usd } from "#lib/cli/output/format";
import { budgetText, ratesText } from "#lib/cli/output/limits";
import { print, remark, show } from "#lib/cli/output/show";
import { showList } from "#lib/cli/output/show-list";
import { type Column, factLines } from "#lib/cli/output/table";
import { usageFacts } from "#lib/cli/output/usage";
import { userColumns } from "./user";

const columns: readonly Column<Organization>[] = [
  { title: "NAME", value: (org) => org.name, mayShrink: true },
  { title: "ID", value: (org) => org.id },
  { title: "BUDGET", value: (org) => budgetText(org.budget), mayShrink: true, mayGo: true },
  { title: "STATE", value: (org) => (org.suspended_at ? "suspended" : "active") },
  { title: "CREATED", value: (org) => day(org.created_at), mayGo: true },
];

const failureModeOption = new Option(
  "--failure-mode <mode>",
  "what happens while the database is away",
).choices(["fail_closed", "fail_open"]);
const allowanceOption = new Option(
  "--fail-open-allowance <usd>",
  "how much may be spent meanwhile, if fail_open",
).argParser(usdValue);

const hangUpOption = new Option(
  "--on-hang-up <mode>",
  "when a client hangs up: cut its answer off, or read it to its end for the exact cost",
).choices(["abort", "drain"]);

/** `tollgate org …` */
export function addOrgCommands(parent: CommandUnknownOpts, cli: Cli): void {
  const org = parent
    .command("org")
    .alias("orgs")
    .helpCommand(false)
    .description("Organizations: who shares a budget and users");

  org
    .command("create")
    .description("make an organization")
    .argument("[name]", "what it is called")
    .addOption(nameOption)
    .addOption(budgetOption)
    .addOption(periodOption)
    .addOption(softLimitOption)
    .addOption(requestRateOption)
    .addOption(tokenRateOption)
    .addOption(concurrencyOption)
    .addOption(failureModeOption)
    .addOption(allowanceOption)
    .addOption(hangUpOption)
    .addHelpText("after", "\nExample:\n  $ npx tollgate org create Acme --budget 100 --period month")
    .action(async (given, options) => {
      const name = required(given, options.name, "name");
      const body = { name, ...limitsBody(options), ...failureBody(options) };
      const answer = await cli.admin().post("/organizations", Organization, body);
      show(cli, answer, (made) => {
        showOrganization(cli, made);
        remark(cli, "", `Next:  npx tollgate user create ada@example.com --org ${made.id}`);
      });
    });

  org
    .command("list")
    .alias("ls")
    .description("list organizations, newest first")
    .addOption(limitOption)
    .addOption(cursorOption)
    .addOption(allOption)
    .action((options) =>
      showList(
        cli,
        {
          path: "/organizations",
          item: Organization,
          columns,
          empty: "There are no organizations yet:  npx tollgate org create NAME",
        },
        options,
      ),
    );

  org
    .command("get")
    .description("show one organization")
    .argument("<org>", "its name or id")
    .action(async (reference) => {
      const admin = cli.admin();
      const { id } = await findOrganization(admin, reference);
      show(cli, await admin.get(`/organizations/${id}`, Organization), (found) =>
        showOrganization(cli, found),
      );
    });

  org
    .command("usage")
    .description("show what an organization has used in its budget's period, else this month")
    .argument("<org>", "its name or id")
    .action(async (reference) => {
      const admin = cli.admin();
      const { id } = await findOrganization(admin, reference);
      show(cli, await admin.get(`/organizations/${id}/usage`, Usage), (usage) =>
        print(cli, ...factLines(usageFacts(usage), cli.io.out)),
      );
    });

  org
    .command("users")
    .description("list an organization's users")
    .argument("<org>", "its name or id")
    .addOption(limitOption)
    .addOption(cursorOption)
    .addOption(allOption)
    .action(async (reference, options) => {
      const { id } = await findOrganization(cli.admin(), reference);
      await showList(
        cli,
        {
          path: `/organizations/${id}/users`,
          item: User,
          columns: userColumns,
          empty: `It has no users yet:  npx tollgate user create EMAIL --org ${id}`,
        },
        options,
      );
    });

  org
    .command("update")
    .description("change an organization; what is not named stays as it is")
    .argument("<org>", "its name or id")
    .option("--name <name>", "rename it")
    .addOption(budgetOption)
    .addOption(noBudgetOption)
    .addOption(periodOption)
    .addOption(softLimitOption)
    .addOption(requestRateOption)
    .addOption(tokenRateOption)
    .addOption(concurrencyOption)
    .addOption(noRateLimitsOption)
    .addOption(failureModeOption)
    .addOption(allowanceOption)
    .addOption(hangUpOption)
    .action(async (reference, options) => {
      const admin = cli.admin();
      const now = await findOrganization(admin, reference);
      const { name } = options;
      const body = { ...(name && { name }), ...limitsBody(options, now), ...failureBody(options) };
      if (Object.keys(body).length === 0) throw wrongUsage("Say what to change: --help lists the options.");
      show(cli, await admin.patch(`/organizations/${now.id}`, Organization, body), (changed) =>
        showOrganization(cli, changed),
      );
    });

  for (const verb of ["suspend", "resume"] as const) {
    org
      .command(verb)
      .description(verb === "suspend" ? "refuse an organization's requests" : "serve it again")
      .argument("<org>", "its name or id")
      .action(async (reference) => {
        const admin = cli.admin();
        const { id } = await findOrganization(admin, reference);
        show(cli, await admin.post(`/organizations/${id}/${verb}`, Organization), (changed) =>
          showOrganization(cli, changed),
        );
      });
  }

  org
    .command("delete")
    .alias("rm")
    .description("delete an organization that has no users any more")
    .argument("<org>", "its name or id")
    .addOption(yesOption)
    .action(async (reference, { yes }) => {
      const admin = cli.admin();
      const { id, name } = await findOrganization(admin, reference);
      await confirmDeletion(cli, `the organization "${name}" (${id})`, yes);
      await admin.delete(`/organizations/${id}`);
      remark(cli, `Deleted the organization "${name}".`);
    });
}

function failureBody(options: {
  failureMode?: string | undefined;
  failOpenAllowance?: string | undefined;
  onHangUp?: string | undefined;
}) {
  const { failureMode, failOpenAllowance, onHangUp } = options;
  return {
    ...(failureMode && { failure_mode: failureMode }),
    ...(failOpenAllowance && { fail_open_allowance_usd: failOpenAllowance }),
    ...(onHangUp && { on_hang_up: onHangUp }),
  };
}

function showOrganization(cli: Cli, org: Organization): void {
  const facts = [
    ["name", org.name],
    ["id", org.id],
    ["state", org.suspended_at ? `suspended since ${minute(org.suspended_at)}` : "active"],
    ["budget", budgetText(org.budget)],
    ["rate limits", ratesText(org.rate_limits)],
    ["failure mode", org.failure_mode],
    ["on hang-up", org.on_hang_up],
    ["created", minute(org.created_at)],
  ] as const;
  const allowance = usd(typeof org.fail_open_allowance_usd === "string" ? org.fail_open_allowance_usd : null);
  print(cli, ...factLines(allowance ? [...facts, ["fail-open allowance", allowance]] : facts, cli.io.out));
}
