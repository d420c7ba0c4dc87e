import * as messages from "#lib/dialects/messages/testing/played-message";
import * as responses from "#lib/dialects/responses/testing/played-stream";
import {
  chat,
  type Fault,
  failure,
  type Rule,
  type Scenario,
  streamOf,
  wholeAnswer,
} from "#lib/testing/upstream/scenario";

/** What each answer uses. */
const INPUT_TOKENS = 9;
const OUTPUT_TOKENS = 5;
/** What each costs at a microdollar a token. */
export const STORM_ANSWER_USD = "0.000014";
/** When the target that is rate limited wants to be asked again. */
export const STORM_RETRY_AFTER_S = 1;

const MESSAGES_USAGE = { input_tokens: INPUT_TOKENS, output_tokens: OUTPUT_TOKENS };
const RESPONSES_USAGE = {
  ...MESSAGES_USAGE,
  total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 0 },
};

/** An answer, whole and as a stream: the first part of the stream has no content, the second and third have. */
type Answer = { whole: Scenario; stream: Scenario };

const COMPLETION = { id: "cmpl-1", object: "text_completion", created: 1, model: "m" };
const completion = (text: string, fields: object = {}) =>
  JSON.stringify({
    ...COMPLETION,
    choices: [{ text, index: 0, logprobs: null, finish_reason: null }],
    ...fields,
  });
const COMPLETION_USAGE = {
  prompt_tokens: INPUT_TOKENS,
  completion_tokens: OUTPUT_TOKENS,
  total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
};
/** As many tokens as the other answers: it costs the same. */
const EMBEDDING_TOKENS = INPUT_TOKENS + OUTPUT_TOKENS;
const EMBEDDING = wholeAnswer(
  JSON.stringify({
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: [0.5, -0.5] }],
    model: "m",
    usage: { prompt_tokens: EMBEDDING_TOKENS, total_tokens: EMBEDDING_TOKENS },
  }),
);

const ANSWERS: Readonly<Record<string, Answer>> = {
  "/v1/chat/completions": { whole: chat(), stream: chat() },
  "/v1/completions": {
    whole: wholeAnswer(completion("Hello there", { usage: COMPLETION_USAGE })),
    stream: streamOf(
      ": wait\n\n",
      `data: ${completion("Hello")}\n\n`,
      `data: ${completion(" there")}\n\n`,
      `data: ${JSON.stringify({ ...COMPLETION, choices: [{ text: "", index: 0, logprobs: null, finish_reason: "stop" }] })}\n\n`,
      `data: ${JSON.stringify({ ...COMPLETION, choices: [], usage: COMPLETION_USAGE })}\n\ndata: [DONE]\n\n`,
    ),
  },
  "/v1/embeddings": { whole: EMBEDDING, stream: EMBEDDING },
  "/v1/messages": {
    whole: wholeAnswer(
      JSON.stringify(
        messages.message({
          content: [{ type: "text", text: "Hello there" }],
          stop_reason: "end_turn",
          usage: MESSAGES_USAGE,
        }),
      ),
    ),
    stream: streamOf(
      messages.event("message_start", {
        message: messages.message({ usage: { ...MESSAGES_USAGE, output_tokens: 1 } }),
      }),
      messages.started({ type: "text", text: "" }) + messages.text("Hello"),
      messages.text(" there"),
      messages.stopped() + messages.ended("end_turn", { output_tokens: OUTPUT_TOKENS }),
      messages.STOP,
    ),
  },
  "/v1/responses": {
    whole: wholeAnswer(
      JSON.stringify(
        responses.response({
          status: "completed",
          output: [responses.message("Hello there")],
          usage: RESPONSES_USAGE,
        }),
      ),
    ),
    stream: streamOf(
      responses.CREATED,
      responses.event("output_item.added", {
        output_index: 0,
        item: { ...responses.message(""), content: [] },
      }) + responses.text("Hello"),
      responses.text(" there"),
      responses.itemDone("Hello there"),
      responses.ended("completed", { output: [responses.message("Hello there")], usage: RESPONSES_USAGE }),
    ),
  },
};

const faulty = (scenario: Scenario, fault: Fault, framing = {}): Scenario => ({
  ...scenario,
  framing,
  fault,
});
const twice = (scenario: Scenario): Answer => ({ whole: scenario, stream: scenario });

const BEHAVIOURS: Readonly<Record<string, (answer: Answer) => Answer>> = {
  healthy: (answer) => answer,
  errors: () => twice(failure(500, "server_error", "The server had an error.")),
  stalls: ({ whole, stream }) => ({
    whole: faulty(whole, { does: "stall", at: "before_head" }),
    stream: faulty(stream, { does: "stall", at: { afterWrites: 1 } }),
  }),
  // A stream after its content has begun, a whole answer within its body.
  dies: ({ whole, stream }) => ({
    whole: faulty(whole, { does: "close", at: { afterWrites: 2 } }, { writeBytes: 50, paceMs: 1 }),
    stream: faulty(stream, { does: "close", at: { afterWrites: 3 } }, { paceMs: 1 }),
  }),
  limited: () =>
    twice(
      failure(429, "rate_limit_exceeded", "Rate limit reached.", {
        "retry-after": String(STORM_RETRY_AFTER_S),
      }),
    ),
};

/** Where they are asked: the wire of each dialect. */
export const STORM_PATHS = Object.keys(ANSWERS);

/** The targets of a storm: healthy, errors, stalls, dies, limited. */
export const STORM_TARGETS = Object.keys(BEHAVIOURS);

/** How the fake upstream plays them, on the wire of each dialect. */
export const STORM_RULES: readonly Rule[] = Object.entries(ANSWERS).flatMap(([path, answer]) =>
  Object.entries(BEHAVIOURS).flatMap(([model, behave]): Rule[] => {
    const { whole, stream } = behave(answer);
    return [
      { path, model, body: { stream: true }, scenario: stream },
      { path, model, scenario: whole },
    ];
  }),
);
