import { sentBy } from "#lib/translation/testing/translate";
import { BOUND, type Conversation, HELLO, sdkHello } from "./asked";
import { CONVERSATIONS } from "./conversations";
import { differencesOf, renamedAt } from "./differences";
import type { Found, Known } from "./known";
import { sentBySdk } from "./sdk";

/** Models by their wires, and how the provider names the bound where that is not `max_tokens`. */
export const LANES: readonly (readonly [wire: string, model: string, outputLimitField?: string])[] = [
  ["messages", "claude-sonnet-4-5"],
  ["messages", "claude-opus-4-7"],
  ["messages", "claude-opus-5-5"],
  ["messages", "claude-sonnet-5-5"],
  ["gemini", "gemini-3.8-flash"],
  ["gemini", "gemini-2.5-flash"],
  ["converse", "us.amazon.nova-2-lite-v1:0"],
  ["converse", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"],
  ["converse", "openai.gpt-oss-120b-1:0"],
  ["responses", "gpt-5.2"],
  ["responses", "gpt-4.1"],
  ["chat", "gpt-5.2", "max_completion_tokens"],
  ["chat", "gpt-4.1"],
  ["chat", "gpt-oss-120b"],
  ["chat", "gemini-3.8-flash"],
];

/** A request, or that there is none. */
type Sent = { body: unknown } | { says: string };
const SENT: Sent = { says: "sends it" };

/** Where our request differs from the AI SDK's. */
export async function requestDifferences(
  [wire, model, outputLimitField]: (typeof LANES)[number],
  known: readonly Known[],
): Promise<Found[]> {
  const found = CONVERSATIONS.map(async (conversation) => {
    const { sent, refused } = sentBy(
      conversation.dialect ?? "chat",
      wire,
      model,
      { model: "m", max_tokens: BOUND, messages: [HELLO], ...conversation.ours },
      outputLimitField,
    );
    const ours: Sent = refused.length > 0 ? { says: `refuses ${refused.join()}` } : { body: sent };
    const theirs = renamed(wire, await theirsOf(wire, model, conversation), known);
    return differences(ours, theirs).map((one) => ({ ...one, wire, model, of: conversation.name }));
  });
  return (await Promise.all(found)).flat();
}

async function theirsOf(wire: string, model: string, { theirs, stream }: Conversation): Promise<Sent> {
  const options = { prompt: [sdkHello], maxOutputTokens: BOUND, ...theirs };
  const sent = await sentBySdk(wire, model, options, stream ?? false);
  return "thrown" in sent ? { says: "throws" } : sent;
}

function differences(ours: Sent, theirs: Sent) {
  if ("body" in ours && "body" in theirs) return differencesOf(ours.body, theirs.body);
  const words = (sent: Sent) => ("says" in sent ? sent : SENT);
  return differencesOf(words(ours), words(theirs)).map((one) => ({ ...one, path: "" }));
}

/** Their request with the names that ours gives to the same fields. */
function renamed(wire: string, sent: Sent, known: readonly Known[]): Sent {
  if ("says" in sent) return sent;
  let { body } = sent;
  for (const { theirName, path } of known.filter((one) => one.wire === wire)) {
    const [, parent = "", name = ""] = /^(.*)\.(\w+)$/.exec(path ?? "") ?? [];
    if (theirName !== null) body = renamedAt(body, `${parent}.${theirName}`, name);
  }
  return { body };
}
