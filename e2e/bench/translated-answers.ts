import { chatAnswer, wordsOf } from "#lib/testing/upstream/chat-answer";
import type { ChatContent } from "#lib/testing/upstream/scenario";
import { paddedWithin, wordsLikeChat } from "./other-streams";

type Asked = { model: string; inputTokens: number };

/** The same words as a stream of Gemini's, each in an event of as many bytes as chat's. */
export function geminiStream(content: ChatContent, asked: Asked): Buffer[] {
  const words = wordsLikeChat(content, asked.model);
  return words.map(({ word, bytes }, at) => {
    const isLast = at === words.length - 1;
    const chunk = geminiAnswer(word, asked, {
      outputTokens: at + 1,
      finishReason: isLast ? "STOP" : undefined,
    });
    return Buffer.from(paddedWithin(bytes, `data: ${JSON.stringify(chunk)}\r\n\r\n`));
  });
}

/** The same words as a whole answer of another wire, of as many bytes as chat's. */
export function otherWhole(wire: "gemini" | "messages", content: ChatContent, asked: Asked): Buffer {
  const { model, inputTokens } = asked;
  const [chat] = chatAnswer(content, { model, stream: false, includeUsage: false, maxTokens: null }).pieces;
  const words = wordsOf(content);
  const text = words.join("");
  const answer =
    wire === "gemini"
      ? geminiAnswer(text, asked, { outputTokens: words.length, finishReason: "STOP" })
      : {
          id: "msg_fake",
          type: "message",
          role: "assistant",
          model,
          content: [{ type: "text", text }],
          stop_reason: "end_turn",
          stop_sequence: null,
          usage: { input_tokens: inputTokens, output_tokens: words.length },
        };
  return Buffer.from(paddedWithin(chat?.length ?? 0, JSON.stringify(answer)));
}

function geminiAnswer(
  text: string,
  { model, inputTokens }: Asked,
  { outputTokens, finishReason }: { outputTokens: number; finishReason: string | undefined },
) {
  return {
    candidates: [{ content: { parts: [{ text }], role: "model" }, finishReason, index: 0 }],
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens,
      totalTokenCount: inputTokens + outputTokens,
    },
    modelVersion: model,
    responseId: "fake",
  };
}
