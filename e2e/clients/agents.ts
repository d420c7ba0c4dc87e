import type { AgentId } from "#lib/guides/agents";

/** A coding agent from npm, and how it is asked, on its input, for one thing. */
export type ClientAgent = {
  id: AgentId;
  package: string;
  version: string;
  /** Its program in node_modules/.bin. */
  program: string;
  args: string[];
  env: Record<string, string>;
  /** Its tool that runs a command, and the arguments of a call. */
  tool: string;
  call: (command: string) => object;
  /** As the ledger names it. */
  endpoint: string;
};

export const CLIENT_AGENTS: readonly ClientAgent[] = [
  {
    id: "claude",
    package: "@anthropic-ai/claude-code",
    version: "2.1.332",
    program: "claude",
    args: ["-p", "--allowedTools", "Bash"],
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" },
    tool: "Bash",
    call: (command) => ({ command, description: "Count" }),
    endpoint: "messages",
  },
  {
    id: "codex",
    package: "@openai/codex",
    version: "0.171.0",
    program: "codex",
    args: [
      "exec",
      "--profile",
      "tollgate",
      "--skip-git-repo-check",
      "--dangerously-bypass-approvals-and-sandbox",
      "-",
    ],
    env: {},
    tool: "exec_command",
    call: (cmd) => ({ cmd }),
    endpoint: "responses",
  },
  {
    id: "opencode",
    package: "opencode-ai",
    version: "1.18.33",
    program: "opencode",
    args: ["run"],
    env: { OPENCODE_DISABLE_AUTOUPDATE: "1" },
    tool: "bash",
    call: (command) => ({ command, description: "Count" }),
    endpoint: "chat/completions",
  },
];
