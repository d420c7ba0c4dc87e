import type { AgentId } from "#lib/guides/agents";

/** A tool of an agent's, and the arguments of a call. */
export type ToolCall = { name: string; args: object };

/** A coding agent from npm, and how it is asked, on its input, for one thing. */
export type ClientAgent = {
  id: AgentId;
  package: string;
  version: string;
  /** Its program in node_modules/.bin. */
  program: string;
  args: string[];
  env: Record<string, string>;
  /** Runs a command. */
  command: (command: string) => ToolCall;
  /** How it gets a picture: with the prompt, by arguments, or by a tool that the model calls. */
  picture: { attach: (file: string) => string[] } | { read: (file: string) => ToolCall };
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
    command: (command) => ({ name: "Bash", args: { command, description: "Count" } }),
    picture: { read: (file_path) => ({ name: "Read", args: { file_path } }) },
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
    command: (cmd) => ({ name: "exec_command", args: { cmd } }),
    picture: { attach: (file) => ["-i", file] },
    endpoint: "responses",
  },
  {
    id: "opencode",
    package: "opencode-ai",
    version: "1.18.33",
    program: "opencode",
    args: ["run"],
    env: { OPENCODE_DISABLE_AUTOUPDATE: "1" },
    command: (command) => ({ name: "bash", args: { command, description: "Count" } }),
    picture: { attach: (file) => ["-f", file] },
    endpoint: "chat/completions",
  },
];
