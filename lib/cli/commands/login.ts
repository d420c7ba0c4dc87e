import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { Organization } from "#lib/cli/api/answers";
import { adminClient } from "#lib/cli/api/client";
import { onePage } from "#lib/cli/api/pages";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { ask } from "#lib/cli/output/ask";
import { printJson, remark } from "#lib/cli/output/show";
import { normalizedUrl } from "#lib/cli/profile/connection";
import { readProfiles, writeProfiles } from "#lib/cli/profile/store";

/** `tollgate login` */
export function addLoginCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("login")
    .description("check a server's URL and admin token, and save them in a profile")
    .option("--key <key>", "also save an API key for chat")
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx tollgate login --url http://localhost:3000 --token TOKEN\n  $ npx tollgate login --url https://tollgate.example.com --profile production   # asks for the token",
    )
    .action(async ({ key }) => {
      const { io } = cli;
      const flags = cli.globals();
      const url = givenUrl(cli);
      const token = flags.token ?? io.env.token ?? (await askForToken(cli));
      // Every role may list the organizations it can see, so this checks the token.
      await onePage(adminClient(url, token), "/organizations", Organization, { limit: 1 });

      const name = flags.profile ?? "default";
      const saved = readProfiles(io.env.configFile);
      const before = saved.profiles[name];
      const apiKey = key ?? (before?.url === url ? before.api_key : undefined);
      const profile = { url, token, ...(apiKey && { api_key: apiKey }) };
      writeProfiles(io.env.configFile, { current: name, profiles: { ...saved.profiles, [name]: profile } });
      if (flags.json) printJson(cli, { profile: name, url });
      remark(cli, `Signed in to ${url}: profile "${name}" in ${io.env.configFile} (readable only by you).`);
      if (url.startsWith("http:") && !isLoopback(url)) {
        remark(cli, "Warning: http:// sends the token unencrypted.");
      }
      if (!flags.json) remark(cli, "Next:  npx tollgate setup   or   npx tollgate org list");
    });
}

function givenUrl(cli: Cli): string {
  const { url } = cli.globals();
  if (url !== undefined) return normalizedUrl(url, "--url");
  if (cli.io.env.url !== undefined) return normalizedUrl(cli.io.env.url, "TOLLGATE_URL");
  throw wrongUsage(
    "No server URL given.",
    "Pass one:  npx tollgate login --url http://localhost:3000 --token TOKEN",
  );
}

async function askForToken({ io }: Cli): Promise<string> {
  if (!io.input.isTerminal) {
    throw wrongUsage(
      "Not a terminal, so no admin token can be entered.",
      "Pass --token TOKEN or set TOLLGATE_TOKEN.",
    );
  }
  const token = await ask(io, "Admin token (hidden): ", { secret: true });
  if (token === "") throw wrongUsage("The token is empty.");
  return token;
}

const isLoopback = (url: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
