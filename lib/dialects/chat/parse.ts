import type { Call } from "#lib/dialects/call";
import { parseObject } from "#lib/dialects/text/parse-object";
import { unambiguousFields } from "#lib/dialects/text/unambiguous-fields";
import { asksForNothing, checkFields, isChatField, outputBoundOf } from "./fields";
import { checkMessages } from "./messages";
import { isUnsupported, rejectUnsupported } from "./unsupported";
import { weighInput } from "./weigh";

const READ = {
  isRead: (name: string) => isChatField(name) || isUnsupported(name),
  // Decides whether a stream's usage is reported.
  inside: { stream_options: (name: string) => name === "include_usage" },
};

/**
 * Parses and checks a chat completion's body: what Tollgate needs to know, and what no provider of the
 * dialect would accept. All else is the provider's to judge and travels unchanged.
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export function parseChat(json: string): Call {
  const body = parseObject(json);
  const fields = unambiguousFields(json, READ);
  const chat = checkFields(body);
  rejectUnsupported(chat, body);
  const messages = checkMessages(body.messages, { mayBeNull: asksForNothing(chat) });
  const { textTokens, media } = weighInput(json, fields, messages);
  return {
    json,
    fields,
    model: chat.model,
    stream: chat.stream ?? false,
    maxOutputTokens: outputBoundOf(chat),
    answers: chat.n ?? 1,
    messageCount: messages.length,
    textTokens,
    media,
    audio:
      media.mostAudioSeconds > 0 ||
      media.unboundedParam !== null ||
      (chat.modalities?.includes("audio") ?? false),
    passUsage: chat.stream_options?.include_usage ?? false,
  };
}
