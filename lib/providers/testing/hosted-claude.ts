import type { PassedHeaders } from "#lib/providers/passed-headers";
import { type Target, wireFor } from "#lib/providers/wire";

/** What Anthropic documents for the body of a message on clouds, besides what each cloud adds. */
const FIELDS = [
  "max_tokens",
  "messages",
  "metadata",
  "stop_sequences",
  "system",
  "temperature",
  "thinking",
  "tool_choice",
  "tools",
  "top_k",
  "top_p",
  "anthropic_version",
];

/** What a target's wire for messages makes of the betas that a client names. */
export const passedBetas = (target: Target, betas: string, hasTiers = false): PassedHeaders | undefined =>
  wireFor(target, "messages").passHeaders?.(
    new Map([
      ["anthropic-version", "2026-07-01"],
      ["anthropic-beta", betas],
    ]),
    { hasTiers },
  );

/** A cloud's rules for the body of a message. */
export type HostedRules = { version: string; besides: readonly string[] };

/** What a cloud says to a body that breaks its rules, in Anthropic's words; null if it does not. */
export function faultIn(body: unknown, { version, besides }: HostedRules): string | null {
  const fields: Record<string, unknown> = { ...Object(body) };
  if (fields.anthropic_version === undefined) return "anthropic_version: Field required";
  if (fields.anthropic_version !== version) return `anthropic_version: Input should be '${version}'`;
  for (const required of ["messages", "max_tokens"])
    if (fields[required] === undefined) return `${required}: Field required`;
  // To see where what it quotes appears.
  const user: unknown = Reflect.get(Object(fields.metadata), "user_id");
  if (typeof user === "string" && user.startsWith("quote")) return `metadata.user_id: ${user} is not allowed`;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name) && !besides.includes(name));
  return unknown === undefined ? null : `${unknown}: Extra inputs are not permitted`;
}

/** What a cloud says to a list of betas; null if it takes all. */
export const betaFault = (betas: readonly string[], known: readonly string[]): string | null =>
  betas.every((beta) => known.includes(beta)) ? null : "invalid beta flag";

const usage = {
  input_tokens: 100,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 50,
  output_tokens: 15,
};
const message = (fields: object) => ({
  id: "msg_vrtx_01",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  ...fields,
});

/** A short message, whole. */
export const HOSTED_WHOLE = JSON.stringify(
  message({
    content: [{ type: "text", text: "Hello! 🚀" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
  }),
);

/** The payloads of the events of the same as a stream, as platform.claude.com/docs/en/build-with-claude/streaming has them. */
export const HOSTED_EVENTS: readonly object[] = [
  {
    type: "message_start",
    message: message({
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1 },
    }),
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello! 🚀" } },
  { type: "content_block_stop", index: 0 },
  {
    type: "message_delta",
    delta: { stop_reason: "end_turn", stop_sequence: null },
    usage: { output_tokens: 15 },
  },
  { type: "message_stop" },
];

/** Events as Anthropic's API sends them. */
export const asEvents = (events: readonly object[]): string =>
  events.map((event) => `event: ${Reflect.get(event, "type")}\ndata: ${JSON.stringify(event)}\n\n`).join("");
