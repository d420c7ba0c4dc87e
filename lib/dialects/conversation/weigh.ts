import { mediaGatherer } from "#lib/dialects/media/gather-media";
import { pictureCounter } from "#lib/dialects/media/markdown-pictures";
import type { Media } from "#lib/dialects/media/media";
import { tokenEstimate } from "#lib/dialects/text/estimate-tokens";
import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { type Conversation, walkMessages } from "./walk-messages";

/** Chat templates put a few tokens around each message, and some before the answer. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_BEFORE_ANSWER = 3;

/** What a template likely puts around this many messages. */
export const tokensAround = (messages: number): number =>
  messages * TOKENS_PER_MESSAGE + TOKENS_BEFORE_ANSWER;

const NOTHING = () => {};

/**
 * What the input of a conversation weighs: its texts in tokens, by estimate, and its media.
 * @param promptFields the fields that become part of the prompt besides the messages
 */
export function weighInput(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  conversation: Conversation,
  promptFields: readonly string[],
): { textTokens: number; media: Media } {
  const estimate = tokenEstimate();
  const gatherer = mediaGatherer();
  const pictures = pictureCounter();
  // Labels lie between the texts in a body, but not in a prompt.
  const labelPictures = pictureCounter();
  walkMessages(conversation, {
    media: gatherer,
    text: (text) => {
      estimate.add(text);
      pictures.add(text);
    },
    label: (text) => {
      labelPictures.add(text);
      labelPictures.end();
    },
    reference: pictures.add,
    arguments: NOTHING,
    data: NOTHING,
    end: pictures.end,
  });
  const span = fields.get(conversation.field);
  for (const around of [json.slice(0, span?.start), json.slice(span?.end)]) {
    pictures.add(around);
    pictures.end();
  }
  for (const name of promptFields) {
    const span = fields.get(name);
    if (span !== undefined) estimate.add(json.slice(span.start, span.end));
  }
  const around = tokensAround(conversation.messages.length);
  const media = gatherer.media();
  const markdownPictures = pictures.count() + labelPictures.count();
  const hasPictures = media.images.length + markdownPictures > 0;
  const pictureTags = hasPictures ? pictures.tags() + labelPictures.tags() : 0;
  return {
    textTokens: estimate.tokens() + around,
    media: markdownPictures + pictureTags === 0 ? media : { ...media, markdownPictures, pictureTags },
  };
}
