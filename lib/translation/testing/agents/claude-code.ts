import { base64, image, PDF_DATA, PNG_DATA } from "#lib/translation/testing/conversations";
import { AWKWARD_TOOLS } from "./awkward-tools";

const ephemeral = { cache_control: { type: "ephemeral" } };
const hourly = { cache_control: { type: "ephemeral", ttl: "1h" } };
const text = (words: string, mark: object = {}) => ({ type: "text", text: words, ...mark });
const use = (id: string, name: string, input: object) => ({ type: "tool_use", id, name, input });

/**
 * A turn in the shape that Claude Code sends (platform.claude.com/docs/en/api/messages, code.claude.com/docs/en/llm-gateway):
 * system words before and within the conversation, calls with pictures and documents in their results, and reasoning.
 * @param signature the reasoning's proof, as the client carries it
 */
export const claudeCode = (signature: string) => ({
  model: "claude-sonnet-4-5",
  max_tokens: 32_000,
  stream: true,
  thinking: { type: "enabled", budget_tokens: 31_999 },
  metadata: { user_id: "mark_user" },
  context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  system: [text("You are an agent. mark_system", ephemeral), text("mark_environment", hourly)],
  tools: AWKWARD_TOOLS.map(({ name, schema }, at) => ({
    name,
    description: `mark_tool_${at}`,
    input_schema: schema,
    ...(at === AWKWARD_TOOLS.length - 1 ? ephemeral : {}),
  })),
  messages: [
    {
      role: "user",
      content: [text("<system-reminder>\nmark_reminder\n</system-reminder>"), text("mark_asked")],
    },
    { role: "system", content: "mark_system_within" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "mark_thought", signature },
        text("mark_said"),
        use("toolu_01", "mcp__tree__insert", { root: { mark_child: [], path: "C:\\mark_path\n" } }),
        use("toolu_02", "get_goal", {}),
        use("toolu_03", "files.search", { mark_dotted: "größe 寸" }),
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_03", content: "mark_third_result", is_error: true },
        {
          type: "tool_result",
          tool_use_id: "toolu_01",
          content: [text("mark_first_result"), image(base64("image/png", PNG_DATA("result")))],
        },
        {
          type: "tool_result",
          tool_use_id: "toolu_02",
          content: [{ type: "document", source: base64("application/pdf", PDF_DATA("result")) }],
          ...ephemeral,
        },
        text("mark_after_results"),
      ],
    },
    { role: "system", content: [text("mark_system_late")], output_config: { effort: "high" } },
    { role: "assistant", content: [text("mark_second_answer")] },
    {
      role: "user",
      content: [
        image(base64("image/jpeg", PNG_DATA("asked"))),
        { type: "document", source: base64("application/pdf", PDF_DATA("asked")), title: "markName.pdf" },
        text("mark_last_question", ephemeral),
      ],
    },
  ],
});

/** The title of a session, which is asked for beside its first turn. */
export const claudeCodeTitle = {
  model: "claude-haiku-4-5-20251001",
  max_tokens: 128_000,
  stream: true,
  system: [text("mark_system")],
  messages: [{ role: "user", content: [text("mark_conversation")] }],
  tools: [],
  output_config: {
    format: {
      type: "json_schema",
      schema: {
        type: "object",
        properties: { title: { type: "string", description: "mark_title" } },
        required: ["title"],
        additionalProperties: false,
      },
    },
  },
};
