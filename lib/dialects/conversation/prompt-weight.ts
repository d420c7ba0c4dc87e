import type { Call } from "#lib/dialects/call";
import type { PromptSpans, PromptWeight } from "#lib/dialects/dialect";
import { mediaGatherer } from "#lib/dialects/media/gather-media";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { type Conversation, walkMessages } from "./walk-messages";

/** Chat templates write schemas with brackets, quotes, separators and indentation. */
const TOKENS_PER_CONTAINER = 4;
const TOKENS_PER_ELEMENT = 4;
const TOKENS_PER_FIELD = 2;

const NOTHING = () => {};

/**
 * Weighs a body. Texts are weighed one by one and unescaped: in JSON, a line break and a word can be fewer
 * tokens (`\nothing`) than in the model. The data of media is not text and does not count.
 * @param body is emptied of it
 */
export function promptWeight(
  { media }: Pick<Call, "media">,
  body: JsonObject,
  conversation: (body: JsonObject) => Conversation,
): PromptWeight {
  if (media.dataCharacters > 0) removeData(conversation(body));
  const weight: PromptWeight = { texts: [], structureTokens: 0, characters: 0 };
  weigh(weight, body, TOKENS_PER_FIELD);
  return weight;
}

/** The fields' own names are left out. */
export const promptSpans = ({ fields }: Call): PromptSpans => ({
  spans: [...fields.values()],
  tokensPerContainer: TOKENS_PER_CONTAINER,
  tokensPerField: TOKENS_PER_FIELD,
});

/** Empties the fields that hold data: the same that were counted as data before. */
function removeData(conversation: Conversation): void {
  walkMessages(conversation, {
    media: mediaGatherer(),
    text: NOTHING,
    label: NOTHING,
    reference: NOTHING,
    arguments: NOTHING,
    end: NOTHING,
    data: (holder, key) => Reflect.set(holder, key, ""),
  });
}

function weigh(weight: PromptWeight, value: unknown, scalarTokens: number): void {
  if (typeof value !== "object" || value === null) {
    weight.structureTokens += scalarTokens;
    addText(weight, String(value));
    return;
  }
  weight.structureTokens += TOKENS_PER_CONTAINER;
  if (Array.isArray(value)) {
    for (const element of value) weigh(weight, element, TOKENS_PER_ELEMENT);
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    addText(weight, name);
    weigh(weight, field, TOKENS_PER_FIELD);
  }
}

function addText(weight: PromptWeight, text: string): void {
  weight.texts.push(text);
  weight.characters += text.length;
}
