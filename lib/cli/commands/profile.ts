import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT } from "#lib/cli/failure";
import { print, printJson, remark } from "#lib/cli/output/show";
import { tableLines } from "#lib/cli/output/table";
import { readProfiles, type Saved, writeProfiles } from "#lib/cli/profile/store";

/** `tollgate profile …` */
export function addProfileCommands(parent: CommandUnknownOpts, cli: Cli): void {
  const { configFile } = cli.io.env;
  const profile = parent
    .command("profile")
    .alias("profiles")
    .helpCommand(false)
    .description("Profiles: servers saved by login");

  profile
    .command("list")
    .alias("ls")
    .description("list the profiles, without their secrets")
    .action(() => {
      const { current, profiles } = readProfiles(configFile);
      const rows = Object.entries(profiles).map(([name, { url, api_key }]) => ({
        name,
        url,
        current: name === current,
        has_api_key: api_key !== undefined,
      }));
      if (cli.globals().json) return printJson(cli, { data: rows });
      if (rows.length === 0)
        return remark(cli, "No profiles yet. Create one:  npx tollgate login --url URL --token TOKEN");
      const columns = [
        { title: "", value: (row: (typeof rows)[number]) => (row.current ? "*" : " ") },
        { title: "NAME", value: (row: (typeof rows)[number]) => row.name },
        { title: "URL", value: (row: (typeof rows)[number]) => row.url },
        { title: "API KEY", value: (row: (typeof rows)[number]) => (row.has_api_key ? "saved" : null) },
      ];
      print(cli, ...tableLines(columns, rows, cli.io.out));
    });

  profile
    .command("use")
    .description("make a profile the default")
    .argument("<name>")
    .action((name) => {
      writeProfiles(configFile, { ...withProfile(configFile, name), current: name });
      remark(cli, `Now using profile "${name}".`);
    });

  profile
    .command("remove")
    .alias("rm")
    .description("delete a profile and its secrets; the server is not changed")
    .argument("<name>")
    .action((name) => {
      const { current, profiles } = withProfile(configFile, name);
      const { [name]: _removed, ...rest } = profiles;
      writeProfiles(configFile, { current: current === name ? null : current, profiles: rest });
      remark(cli, `Removed profile "${name}".`);
    });
}

/** @throws CliError when no profile has this name */
function withProfile(file: string, name: string): Saved {
  const saved = readProfiles(file);
  if (saved.profiles[name] !== undefined) return saved;
  throw new CliError(`Not found: profile "${name}".`, EXIT.notFound, {
    hint: "Run npx tollgate profile list to see all.",
  });
}
