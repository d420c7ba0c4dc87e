import { join } from "node:path";
import type { CliEnvironment } from "#lib/config/cli-environment";
import type { Agent } from "#lib/guides/agents";

/** Where an agent reads its settings from, in its own directory, which its variable may move; null without a file. */
export function agentFile({ id }: Pick<Agent, "id">, { agentDirectories }: CliEnvironment): string | null {
  switch (id) {
    case "claude":
      return join(agentDirectories.claude, "settings.json");
    case "codex":
      return join(agentDirectories.codex, "tollgate.config.toml");
    case "opencode":
      return join(agentDirectories.opencode, "opencode.json");
    case "cursor":
      return null;
  }
}
