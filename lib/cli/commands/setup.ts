import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { type Demo, type Step, setUp } from "#lib/cli/demo/set-up";
import { shellWord } from "#lib/cli/output/format";
import { print, printJson, remark } from "#lib/cli/output/show";
import { bold } from "#lib/cli/output/style";
import { type Column, tableLines } from "#lib/cli/output/table";
import { profileOf, saveKey } from "#lib/cli/profile/save-key";

const columns: readonly Column<Step>[] = [
  { title: "KIND", value: ({ kind }) => kind },
  { title: "NAME", value: ({ name }) => name, mayShrink: true },
  { title: "ID", value: ({ id }) => id },
  { title: "", value: ({ made }) => (made ? "created" : "existing") },
];

/** `tollgate setup` */
export function addSetupCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("setup")
    .description(
      "create demo data: two organizations, three users with different limits and a key each, and a simulated model",
    )
    .addHelpText(
      "after",
      "\nKeeps what already exists, so it can be repeated; cleanup removes everything. With a profile (see login),\nthe key is saved there and chat works at once.",
    )
    .action(async () => {
      const admin = cli.admin();
      const profile = profileOf(cli.io, cli.globals(), admin.url)?.profile;
      const known = cli.io.env.apiKey ?? profile?.api_key ?? null;
      const demo = await setUp(admin, known);
      // Keep a key of the user's own in the profile.
      const savedIn =
        profile?.api_key === undefined || profile.api_key === demo.key || demo.replaced
          ? saveKey(cli.io, cli.globals(), admin.url, demo.key)
          : null;
      const { json } = cli.globals();
      if (json) printJson(cli, { url: admin.url, ...demo });
      else report(cli, admin.url, demo, savedIn);
    });
}

function report(cli: Cli, url: string, demo: Demo, savedIn: string | null): void {
  const { out } = cli.io;
  const { model, key } = demo;
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] });
  print(cli, ...tableLines(columns, demo.steps, out), "");
  print(cli, `${bold(out, "Key")}    ${key}`, `${bold(out, "Model")}  ${model}`, "");
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
  const chat = `npx tollgate chat --model ${shellWord(model)}${savedIn === null ? ` --key ${key}` : ""} Hello`;
  print(cli, `or:  ${chat}`, "");
  for (const { email, key: other, shows } of demo.otherKeys) {
    const send = `npx tollgate chat --model ${shellWord(model)} --key ${other} Hello`;
    print(cli, `As ${email} (${shows}):`, `  ${send}`, "");
  }
  print(cli, "Then:", "  npx tollgate request list", "  npx tollgate org usage 'Tollgate Demo'");
  if (savedIn !== null) remark(cli, `The key is saved in profile "${savedIn}".`);
  if (demo.replaced) remark(cli, "This key replaces the one from last time, which keeps working for a day.");
}
