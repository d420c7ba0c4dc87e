import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { isObject } from "#lib/dialects/text/json-fields";
import { RECORDED_ANSWERS, recordedAnswerPath } from "../shared-data";
import { documentedAnswers } from "./documented-answers";
import type { ProviderAnswer, Rule } from "./scenario";

/** Our own fixtures for every dialect case, and the answers recorded at real providers where that data is present. */
export function loadProviderAnswers(): ProviderAnswer[] {
  return [...documentedAnswers, ...RECORDED_ANSWERS.flatMap(readRecording)];
}

/** Whether the answer is a stream of server-sent events. */
export function isEventStream({ response }: ProviderAnswer): boolean {
  return response.headers["content-type"]?.startsWith("text/event-stream") ?? false;
}

/** Rules that replay each answer to a request that has at least its fields, whatever a gateway adds. */
export function replay(answers: readonly ProviderAnswer[]): Rule[] {
  return (
    answers
      .map((answer): Rule => {
        const { status, headers, body } = answer.response;
        // One write per event, as a provider sends it.
        const writes = isEventStream(answer) ? body.split(/(?<=\n\n)/) : body;
        return { ...answer.request, scenario: { content: { kind: "raw", status, headers, body: writes } } };
      })
      // Most fields first: the fields of a plain request are also in the same request for a stream.
      .sort((a, b) => fieldCount(b) - fieldCount(a))
  );
}

const fieldCount = (rule: Rule) => Object.keys(rule.body ?? {}).length;

function readRecording(file: (typeof RECORDED_ANSWERS)[number]): ProviderAnswer[] {
  const path = recordedAnswerPath(file);
  if (path === null) return [];
  const text = readFileSync(path, "utf8");
  const name = `recorded/${file.replace(/\.(json|sse)$/, "")}`;
  if (file.startsWith("openai/")) {
    const pair: Omit<ProviderAnswer, "name"> = JSON.parse(text);
    return [{ name, ...pair }];
  }
  return [{ name, ...answerWithRequest(file, text) }];
}

/** Only the answer was recorded: a JSON body, or the raw text of a stream. The request is built to fit it. */
function answerWithRequest(file: string, text: string): Omit<ProviderAnswer, "name"> {
  const stream = file.endsWith(".sse");
  const first: unknown = JSON.parse(stream ? text.slice("data: ".length, text.indexOf("\n")) : text);
  const model = isObject(first) ? String(first.model) : "";
  const messages = [{ role: "user", content: basename(file) }];
  return {
    request: { method: "POST", path: "/v1/chat/completions", body: { model, messages, stream } },
    response: {
      status: 200,
      headers: { "content-type": stream ? "text/event-stream" : "application/json" },
      body: text,
    },
  };
}
