import { chatFile, imageUrl, PDF_DATA, PNG_DATA } from "#lib/translation/testing/conversations";
import { AWKWARD_TOOLS } from "./awkward-tools";

const called = (id: string, name: string, args: string) => ({
  id,
  type: "function",
  function: { name, arguments: args },
});
const result = (id: string, content: unknown) => ({ role: "tool", tool_call_id: id, content });

/**
 * A turn in the shape that opencode sends to servers of chat completions
 * (developers.openai.com/api/reference/resources/chat): several messages of the user in a row, empty texts beside calls,
 * reasoning as a text, and what the system says within the conversation.
 * @param seal what the reasoning's proof is carried in, after the id of the call that it is for
 */
export const opencode = (seal: string) => ({
  model: "gpt-5-mini",
  max_tokens: 32_000,
  reasoning_effort: "medium",
  stream: true,
  stream_options: { include_usage: true },
  tool_choice: "auto",
  messages: [
    { role: "system", content: "mark_system" },
    { role: "user", content: "mark_environment" },
    {
      role: "user",
      content: [{ type: "text", text: "mark_asked" }, imageUrl(`data:image/png;base64,${PNG_DATA("asked")}`)],
    },
    {
      role: "assistant",
      content: "",
      reasoning_content: "mark_thought",
      tool_calls: [
        called(`call_1~${seal}`, "mcp__tree__insert", '{"root": {"path": "C:\\\\mark_path"}}'),
        called("call_2", "get_goal", ""),
        called("call_3", "files.search", '{\n  "mark_dotted": "größe 寸"\n}'),
      ],
    },
    result(`call_1~${seal}`, "mark_first_result"),
    result("call_3", [{ type: "text", text: "mark_third_result" }]),
    result("call_2", "mark_second_result"),
    { role: "system", content: "mark_system_within" },
    { role: "assistant", content: "mark_second_answer" },
    {
      role: "user",
      content: [chatFile(PDF_DATA("asked"), "markName.pdf"), { type: "text", text: "mark_last_question" }],
    },
  ],
  tools: AWKWARD_TOOLS.map(({ name, schema }, at) => ({
    type: "function",
    function: { name, description: `mark_tool_${at}`, parameters: schema },
  })),
});
