import { type Played, playStream } from "#lib/dialects/testing/play-stream";
import { choiceEvents } from "../events";

/** An event with one choice. */
export const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, ...fields }] })}\n\n`;
export const content = (text: string) => chunk({ delta: { content: text }, finish_reason: null });
export const FINISH = chunk({ delta: {}, finish_reason: "stop" });
/** Of 7 input and 3 output tokens. */
export const USAGE = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } })}\n\n`;
export const DONE = "data: [DONE]\n\n";

/** Meters the pieces of a stream. */
export const play = (pieces: readonly Buffer[], passUsage = false, answers = 1): Played =>
  playStream(choiceEvents, pieces, { passUsage, answers });
export const playText = (text: string, passUsage = false) => play([Buffer.from(text)], passUsage);
