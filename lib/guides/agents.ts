/** What a guide's code is written for. `apiKey` may be a placeholder. */
export type Facts = { origin: string; apiKey: string; model: string };

export type AgentId = "claude" | "codex" | "opencode" | "cursor";

/** How a coding agent is set up to send its requests through this gateway. */
export type Agent = {
  id: AgentId;
  label: string;
  /** The settings file as people write it; null for an agent that is set up by hand. */
  file: string | null;
  /** What goes into the file, or what to do by hand. */
  settings: (facts: Facts) => string;
  /** Whether the file may hold other settings, which stay; JSON then. Else the file is Tollgate's own. */
  isShared: boolean;
  /** How to begin. */
  start: string;
};

const json = (value: unknown) => JSON.stringify(value, null, 2);
/** A basic string of TOML escapes as JSON does, but for U+007F. */
const toml = (text: string) => JSON.stringify(text).replaceAll("\u007f", "\\u007f");

/**
 * @see https://code.claude.com/docs/en/llm-gateway-connect for Claude Code: titles and other small tasks are sent to the
 * model for Haiku
 * @see https://developers.openai.com/codex/config-advanced for Codex: a profile is a file over config.toml
 * @see https://opencode.ai/docs/providers/ for opencode
 */
export const AGENTS: readonly Agent[] = [
  {
    id: "claude",
    label: "Claude Code",
    file: "~/.claude/settings.json",
    isShared: true,
    start: "claude",
    settings: ({ origin, apiKey, model }) =>
      json({
        env: {
          ANTHROPIC_BASE_URL: origin,
          ANTHROPIC_AUTH_TOKEN: apiKey,
          ANTHROPIC_MODEL: model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
        },
      }),
  },
  {
    id: "codex",
    label: "Codex",
    file: "~/.codex/tollgate.config.toml",
    isShared: false,
    start: "codex --profile tollgate",
    settings: ({ origin, apiKey, model }) =>
      [
        `model = ${toml(model)}`,
        'model_provider = "tollgate"',
        "",
        "[model_providers.tollgate]",
        'name = "Tollgate"',
        `base_url = ${toml(`${origin}/v1`)}`,
        'wire_api = "responses"',
        `experimental_bearer_token = ${toml(apiKey)}`,
      ].join("\n"),
  },
  {
    id: "opencode",
    label: "opencode",
    file: "~/.config/opencode/opencode.json",
    isShared: true,
    start: "opencode",
    settings: ({ origin, apiKey, model }) =>
      json({
        $schema: "https://opencode.ai/config.json",
        model: `tollgate/${model}`,
        provider: {
          tollgate: {
            npm: "@ai-sdk/openai-compatible",
            name: "Tollgate",
            options: { baseURL: `${origin}/v1`, apiKey },
            models: {
              [model]: {
                name: model,
                // By default, opencode replaces attachments with a note that the model cannot read them.
                attachment: true,
                modalities: { input: ["text", "image", "pdf"], output: ["text"] },
              },
            },
          },
        },
      }),
  },
  {
    id: "cursor",
    label: "Cursor",
    file: null,
    isShared: false,
    start: "Cursor",
    settings: ({ origin, apiKey, model }) =>
      [
        "In Cursor Settings > Models:",
        `1. Add the model "${model}".`,
        `2. OpenAI API Key: ${apiKey}`,
        `3. Override OpenAI Base URL: ${origin}/v1`,
        "Cursor's servers send the requests, so they must reach this address.",
      ].join("\n"),
  },
];
