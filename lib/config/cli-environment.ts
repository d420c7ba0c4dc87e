import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** What the CLI reads from its environment. An empty variable counts as unset. */
export type CliEnvironment = {
  url: string | undefined;
  token: string | undefined;
  apiKey: string | undefined;
  /** Where the saved profiles are: ~/.config/tollgate/config.json. */
  configFile: string;
  /** Where coding agents keep their settings. */
  agentDirectories: { claude: string; codex: string; opencode: string };
  /** False if NO_COLOR is set or the terminal is dumb. */
  colour: boolean;
  /** A variable that a configuration refers to by name. */
  named(name: string): string | undefined;
};

/** Reads the CLI's part of the environment. */
export function cliEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  home: string = homedir(),
): CliEnvironment {
  // The XDG specification says to ignore a relative path.
  const configHome =
    env.XDG_CONFIG_HOME && isAbsolute(env.XDG_CONFIG_HOME) ? env.XDG_CONFIG_HOME : join(home, ".config");
  return {
    url: env.TOLLGATE_URL || undefined,
    token: env.TOLLGATE_TOKEN || undefined,
    apiKey: env.TOLLGATE_API_KEY || undefined,
    configFile: join(configHome, "tollgate", "config.json"),
    agentDirectories: {
      claude: env.CLAUDE_CONFIG_DIR || join(home, ".claude"),
      codex: env.CODEX_HOME || join(home, ".codex"),
      opencode: join(configHome, "opencode"),
    },
    colour: !env.NO_COLOR && env.TERM !== "dumb",
    named: (name) => (Object.hasOwn(env, name) ? env[name] : undefined) || undefined,
  };
}
