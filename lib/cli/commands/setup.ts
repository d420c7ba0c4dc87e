import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { type Demo, type Step, setUp } from "#lib/cli/demo/set-up";
import { shellWord } from "#lib/cli/output/format";
import { print, printJson, remark } from "#lib/cli/output/show";
import { bold } from "#lib/cli/output/style";
import { type Column, tableLines } from "#lib/cli/output/table";
import { profileOf, saveKey } from "#lib/cli/profile/save-key";

const columns: readonly Column<Step>[] = [
  { title: "WHAT", value: ({ kind }) => kind },
  { title: "NAME", value: ({ name }) => name, mayShrink: true },
  { title: "ID", value: ({ id }) => id },
  { title: "", value: ({ made }) => (made ? "made" : "was there") },
];

/** `tollgate setup` */
export function addSetupCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("setup")
    .description("make demo data: an organization, users, keys, and a simulated model to talk to")
    .addHelpText(
      "after",
      "\nWhat is there already stays as it is, so it can be repeated; cleanup removes it all. In a profile (login)\nthe key is kept, and chat works at once.",
    )
    .action(async () => {
      const admin = cli.admin();
      const profile = profileOf(cli.io, cli.globals(), admin.url)?.profile;
      const known = cli.io.env.apiKey ?? profile?.api_key ?? null;
      const demo = await setUp(admin, known);
      // A key that a person has chosen to keep there stays.
      const keptIn =
        profile?.api_key === undefined || profile.api_key === demo.key || demo.replaced
          ? saveKey(cli.io, cli.globals(), admin.url, demo.key)
          : null;
      const { json } = cli.globals();
      if (json) printJson(cli, { url: admin.url, ...demo });
      else report(cli, admin.url, demo, keptIn);
    });
}

function report(cli: Cli, url: string, demo: Demo, keptIn: string | null): void {
  const { out } = cli.io;
  const { model, key } = demo;
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] });
  print(cli, ...tableLines(columns, demo.steps, out), "");
  print(cli, `${bold(out, "Key")}    ${key}`, `${bold(out, "Model")}  ${model}`, "");
  for (const other of demo.otherKeys) print(cli, `Key of ${other.email}:  ${other.key}`, "");
  print(
    cli,
    "Try it:",
    "",
    `  curl ${url}/v1/chat/completions \\`,
    `    -H "Authorization: Bearer ${key}" \\`,
    '    -H "Content-Type: application/json" \\',
    `    -d ${shellWord(body)}`,
    "",
  );
  const chat = `npx tollgate chat --model ${shellWord(model)}${keptIn === null ? ` --key ${key}` : ""} Hello`;
  print(cli, `or:  ${chat}`);
  if (keptIn !== null) remark(cli, `The key is kept in the profile "${keptIn}".`);
  if (demo.replaced) remark(cli, "The key from last time is replaced by this one; it works for another day.");
}
