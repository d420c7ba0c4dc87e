import type { Call } from "#lib/dialects/call";
import { promptWeight } from "#lib/dialects/conversation/prompt-weight";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import type { PromptSpans, PromptWeight } from "#lib/dialects/dialect";
import { type GivenPrompts, givenPrompts } from "#lib/dialects/text/given-prompts";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";

/** Without a prompt, a model continues the end of a text. */
const NO_PROMPT: GivenPrompts = { prompts: 1, texts: [], tokens: 1 };

/**
 * The prompts of a body.
 * @throws ApiError invalid_request, with the place in `param`
 */
export const promptsOf = ({ prompt }: JsonObject): GivenPrompts =>
  prompt === null ? NO_PROMPT : givenPrompts(prompt, "prompt", true);

/** Prompts as the messages that a server with a chat template makes of them. */
export const asConversation = (texts: readonly string[]): Conversation => ({
  field: "prompt",
  messages: texts.map((content) => ({ role: "user", content })),
});

const NO_CONVERSATION: Conversation = { field: "prompt", messages: [] };

/** Weighs a body: tokens that are numbers are no texts. */
export function completionPrompt(call: Call): PromptWeight {
  const { prompt, ...others } = parsedBefore(call.json);
  const { texts, tokens } = promptsOf({ prompt });
  const weight = promptWeight(call, others, () => NO_CONVERSATION);
  for (const text of texts) {
    weight.texts.push(text);
    weight.characters += text.length;
  }
  weight.structureTokens += tokens;
  return weight;
}

/** Its texts are all that is scanned. */
export function completionPromptSpans({ fields }: Call): PromptSpans {
  const prompt = fields.get("prompt");
  return { spans: prompt === undefined ? [] : [prompt], tokensPerContainer: 0, tokensPerField: 0 };
}

export const completionPromptTexts = ({ json }: Call): readonly string[] =>
  promptsOf(parsedBefore(json)).texts;
