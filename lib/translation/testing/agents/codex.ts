import {
  flatGrammar,
  inputFile,
  inputImage,
  PDF_DATA,
  PNG_DATA,
} from "#lib/translation/testing/conversations";
import { AWKWARD_TOOLS } from "./awkward-tools";

const said = (role: string, ...texts: string[]) => ({
  type: "message",
  role,
  content: texts.map((text) => ({ type: role === "assistant" ? "output_text" : "input_text", text })),
});
const called = (call_id: string, name: string, args: object) => ({
  type: "function_call",
  id: `fc_${call_id}`,
  status: "completed",
  name,
  arguments: JSON.stringify(args),
  call_id,
});
const result = (call_id: string, output: unknown) => ({ type: "function_call_output", call_id, output });

/**
 * A turn in the shape that Codex sends (developers.openai.com/api/reference/resources/responses): developer messages,
 * functions, a custom tool with a grammar, tools of a namespace and in the input, and OpenAI's own, which it only offers.
 * @param encrypted the reasoning, as the client carries it
 */
export const codex = (encrypted: string) => ({
  model: "gpt-5.5",
  stream: true,
  store: false,
  include: ["reasoning.encrypted_content"],
  reasoning: { effort: "high", summary: "auto" },
  text: { verbosity: "low" },
  parallel_tool_calls: true,
  tool_choice: "auto",
  prompt_cache_key: "mark_cache_key",
  instructions: "You are a coding agent. mark_instructions",
  tools: [
    ...AWKWARD_TOOLS.map(({ name, schema }, at) => ({
      type: "function",
      name,
      description: `mark_tool_${at}`,
      strict: false,
      parameters: schema,
    })),
    {
      type: "custom",
      name: "apply_patch",
      description: "mark_patch",
      format: flatGrammar("start: /mark_x/"),
    },
    {
      type: "namespace",
      name: "mcp__docs__",
      description: "Documents",
      tools: [{ type: "function", name: "find", description: "mark_find", parameters: { type: "object" } }],
    },
    { type: "tool_search", execution: "client", parameters: { type: "object", properties: {} } },
    { type: "web_search", external_web_access: false },
  ],
  input: [
    said("developer", "mark_permissions"),
    said("user", "mark_environment"),
    said("user", "mark_asked"),
    {
      type: "reasoning",
      id: "rs_1",
      summary: [{ type: "summary_text", text: "mark_thought" }],
      content: null,
      encrypted_content: encrypted,
    },
    said("assistant", "mark_said"),
    called("call_1", "mcp__tree__insert", { root: { path: 'C:\\mark_path "quoted"\n' } }),
    called("call_2", "get_goal", {}),
    result("call_1", "mark_first_result"),
    result("call_2", [
      { type: "input_text", text: "mark_second_result" },
      inputImage(`data:image/png;base64,${PNG_DATA("result")}`),
      inputFile(PDF_DATA("result"), "markName.pdf"),
    ]),
    {
      type: "additional_tools",
      tools: [{ type: "function", name: "found_later", description: "mark_found", parameters: {} }],
    },
    {
      type: "custom_tool_call",
      id: "ctc_1",
      call_id: "call_3",
      name: "apply_patch",
      input: "*** Begin Patch\nmark_patched\n",
    },
    { type: "custom_tool_call_output", call_id: "call_3", output: "mark_third_result" },
    said("developer", "mark_developer_within"),
    said("assistant", "mark_second_answer"),
    said("user", "mark_last_question"),
  ],
});
