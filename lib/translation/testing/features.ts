import type { JsonObject } from "#lib/dialects/text/json-fields";
import {
  ANSWER,
  base64,
  called,
  chatCalled,
  chatFile,
  chatTool,
  flatGrammar,
  grammar,
  image,
  imageUrl,
  inputFile,
  inputImage,
  PDF,
  PNG,
  responsesCalled,
  responsesTool,
  sealed,
  tool,
  user,
} from "./conversations";

const PAGE = { url: "https://example.com/", title: "A", start_index: 0, end_index: 2 };
const QUOTE = { document_index: 0, cited_text: "Hi", start_char_index: 0, end_char_index: 2 };
const answeredWith = (answer: object) => [user("Hi"), { role: "assistant", ...answer }, user("And?")];

const marked = { type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } };

/** What a client may ask for, in each dialect that has it. Rows of the fidelity matrix. */
export type Feature = {
  name: string;
  /** Fields of a request, beside a model and a greeting. */
  asked: Readonly<Partial<Record<string, object>>>;
};

/** How a wire says what clients ask for: a column of the fidelity matrix. */
export type WireWords = {
  /** A current model. */
  model: string;
  /** Another, for a feature that only some models have. */
  modelOf?: Readonly<Record<string, string>>;
  /** What the strict fake says is wrong with a body; null for nothing. */
  fault: (model: string, body: JsonObject) => string | null;
  /** What the body that is sent must match, by the feature's name. */
  said: Readonly<Record<string, RegExp>>;
  /** How the meaning changes. */
  lossy: Readonly<Record<string, string>>;
};

export const FEATURES: readonly Feature[] = [
  {
    name: "text",
    asked: { chat: {}, messages: {}, responses: {} },
  },
  {
    name: "system prompt",
    asked: {
      chat: { messages: [{ role: "system", content: "Be brief." }, user("Hello!")] },
      messages: { system: "Be brief." },
      responses: { instructions: "Be brief." },
    },
  },
  {
    name: "system prompt within the conversation",
    asked: {
      chat: { messages: [user("Hello!"), { role: "developer", content: "Be brief." }] },
      messages: { messages: [user("Hello!"), { role: "system", content: "Be brief." }] },
      responses: { input: [user("Hello!"), { role: "developer", content: "Be brief." }] },
    },
  },
  {
    name: "tools with any JSON schema",
    asked: {
      chat: { tools: [chatTool] },
      messages: { tools: [tool] },
      responses: { tools: [responsesTool] },
    },
  },
  {
    name: "parallel calls and their results",
    asked: { chat: chatCalled(null), messages: called(null), responses: responsesCalled(null) },
  },
  {
    name: "a tool must be used",
    asked: {
      chat: { tools: [chatTool], tool_choice: "required" },
      messages: { tools: [tool], tool_choice: { type: "any" } },
      responses: { tools: [responsesTool], tool_choice: "required" },
    },
  },
  {
    name: "this tool must be used",
    asked: {
      chat: { tools: [chatTool], tool_choice: { type: "function", function: { name: "look" } } },
      messages: { tools: [tool], tool_choice: { type: "tool", name: "look" } },
      responses: { tools: [responsesTool], tool_choice: { type: "function", name: "look" } },
    },
  },
  {
    name: "no tool may be used",
    asked: {
      chat: { tools: [chatTool], tool_choice: "none" },
      messages: { tools: [tool], tool_choice: { type: "none" } },
      responses: { tools: [responsesTool], tool_choice: "none" },
    },
  },
  {
    name: "one call at a time",
    asked: {
      chat: { tools: [chatTool], parallel_tool_calls: false },
      messages: { tools: [tool], tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      responses: { tools: [responsesTool], parallel_tool_calls: false },
    },
  },
  {
    name: "tools of a namespace",
    asked: { responses: { tools: [{ type: "namespace", name: "docs", tools: [responsesTool] }] } },
  },
  {
    name: "tools within the conversation",
    asked: {
      responses: { input: [user("Hello!"), { type: "additional_tools", tools: [responsesTool] }] },
    },
  },
  {
    name: "tools that a provider runs, offered",
    asked: { responses: { tools: [responsesTool, { type: "web_search" }] } },
  },
  {
    name: "custom tools with a grammar",
    asked: {
      chat: {
        tools: [{ type: "custom", custom: { name: "patch", format: grammar({ definition: "start: /x/" }) } }],
      },
      responses: { tools: [{ type: "custom", name: "patch", format: flatGrammar("start: /x/") }] },
    },
  },
  {
    name: "picture as data",
    asked: {
      chat: { messages: [user([imageUrl(`data:image/png;base64,${PNG}`)])] },
      messages: { messages: [user([image(base64("image/png", PNG))])] },
      responses: { input: [user([inputImage(`data:image/png;base64,${PNG}`)])] },
    },
  },
  {
    name: "picture by URL",
    asked: {
      chat: { messages: [user([imageUrl("https://example.com/a.png")])] },
      messages: { messages: [user([image({ type: "url", url: "https://example.com/a.png" })])] },
      responses: { input: [user([inputImage("https://example.com/a.png")])] },
    },
  },
  {
    name: "document by URL",
    asked: {
      messages: {
        messages: [user([{ type: "document", source: { type: "url", url: "https://example.com/a.pdf" } }])],
      },
      responses: { input: [user([{ type: "input_file", file_url: "https://example.com/a.pdf" }])] },
    },
  },
  {
    name: "recording",
    asked: {
      chat: { messages: [user([{ type: "input_audio", input_audio: { data: PNG, format: "wav" } }])] },
    },
  },
  {
    name: "PDF as data",
    asked: {
      chat: { messages: [user([chatFile(PDF)])] },
      messages: { messages: [user([{ type: "document", source: base64("application/pdf", PDF) }])] },
      responses: { input: [user([inputFile(PDF)])] },
    },
  },
  {
    name: "picture of the model's own, returned",
    asked: {
      chat: { messages: answeredWith({ content: "Hi", images: [imageUrl(`data:image/png;base64,${PNG}`)] }) },
      messages: { messages: answeredWith({ content: [image(base64("image/png", PNG))] }) },
      responses: {
        input: [
          user("Hi"),
          { type: "image_generation_call", id: "ig_1", status: "completed", result: PNG },
          user("And?"),
        ],
      },
    },
  },
  {
    name: "citations of documents",
    asked: {
      messages: {
        messages: [
          user([{ type: "document", source: base64("application/pdf", PDF), citations: { enabled: true } }]),
        ],
      },
    },
  },
  {
    name: "citations, returned",
    asked: {
      chat: {
        messages: answeredWith({
          content: "Hi",
          annotations: [{ type: "url_citation", url_citation: PAGE }],
        }),
      },
      messages: {
        messages: answeredWith({
          content: [{ type: "text", text: "Hi", citations: [{ type: "char_location", ...QUOTE }] }],
        }),
      },
      responses: {
        input: answeredWith({
          content: [{ type: "output_text", text: "Hi", annotations: [{ type: "url_citation", ...PAGE }] }],
        }),
      },
    },
  },
  {
    name: "picture within a result",
    asked: {
      messages: called(null, [image(base64("image/png", PNG))]),
      responses: responsesCalled(null, [inputImage(`data:image/png;base64,${PNG}`)]),
    },
  },
  {
    name: "PDF within a result",
    asked: {
      messages: called(null, [{ type: "document", source: base64("application/pdf", PDF) }]),
      responses: responsesCalled(null, [inputFile(PDF)]),
    },
  },
  {
    name: "a result that is an error",
    asked: { messages: called(null, "No such city", true) },
  },
  {
    name: "marks for the prompt cache",
    asked: {
      chat: { messages: [{ role: "system", content: [marked] }, user("Hello!")], user: "u1" },
      messages: { system: [marked], metadata: { user_id: "u1" } },
    },
  },
  {
    name: "key of the prompt cache",
    asked: { chat: { prompt_cache_key: "k1" }, responses: { prompt_cache_key: "k1" } },
  },
  {
    name: "answer by a JSON schema",
    asked: {
      chat: { response_format: { type: "json_schema", json_schema: { name: "a", schema: ANSWER } } },
      messages: { output_config: { format: { type: "json_schema", schema: ANSWER } } },
      responses: { text: { format: { type: "json_schema", name: "a", schema: ANSWER } } },
    },
  },
  {
    name: "answer in JSON",
    asked: {
      chat: { response_format: { type: "json_object" } },
      responses: { text: { format: { type: "json_object" } } },
    },
  },
  {
    name: "effort of reasoning",
    asked: {
      chat: { reasoning_effort: "low" },
      messages: { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      responses: { reasoning: { effort: "low" } },
    },
  },
  {
    name: "budget of reasoning",
    asked: { messages: { max_tokens: 9_000, thinking: { type: "enabled", budget_tokens: 2_000 } } },
  },
  {
    name: "reasoning of Gemini's own, returned",
    asked: sealed("google"),
  },
  {
    name: "reasoning of Claude's own, returned",
    asked: sealed("anthropic"),
  },
  {
    name: "reasoning of OpenAI's own, returned",
    asked: sealed("openai"),
  },
  {
    name: "reasoning of Nova's own, returned",
    asked: sealed("amazon"),
  },
  {
    name: "stop sequences",
    asked: { chat: { stop: ["END"] }, messages: { stop_sequences: ["END"] } },
  },
  {
    name: "temperature",
    asked: { chat: { temperature: 0.5 }, messages: { temperature: 0.5 }, responses: { temperature: 0.5 } },
  },
  {
    name: "temperature above 1",
    asked: { chat: { temperature: 1.5 }, responses: { temperature: 1.5 } },
  },
  {
    name: "top_p beside temperature",
    asked: {
      chat: { temperature: 0.5, top_p: 0.9 },
      messages: { temperature: 0.5, top_p: 0.9 },
      responses: { temperature: 0.5, top_p: 0.9 },
    },
  },
  {
    name: "seed",
    asked: { chat: { seed: 7 } },
  },
  {
    name: "penalties",
    asked: { chat: { frequency_penalty: 0.5, presence_penalty: 0.5 } },
  },
  { name: "several answers", asked: { chat: { n: 2 } } },
  {
    name: "probabilities of tokens",
    asked: { chat: { logprobs: true }, responses: { include: ["message.output_text.logprobs"] } },
  },
  {
    name: "state kept at the provider",
    asked: { chat: { store: true }, responses: { previous_response_id: "resp_1" } },
  },
  {
    name: "compaction of the conversation",
    asked: { responses: { input: [user("Hello!"), { type: "compaction_trigger" }] } },
  },
  {
    name: "clearing of earlier reasoning",
    asked: {
      messages: { context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] } },
    },
  },
  { name: "bias of tokens", asked: { chat: { logit_bias: { "50256": -100 } } } },
  {
    name: "the end user",
    asked: { chat: { user: "u1" }, messages: { metadata: { user_id: "u1" } }, responses: { user: "u1" } },
  },
  { name: "notes", asked: { chat: { metadata: { a: "b" } }, responses: { metadata: { a: "b" } } } },
  {
    name: "verbosity",
    asked: { chat: { verbosity: "low" }, responses: { text: { verbosity: "low" } } },
  },
];
