import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRecord } from "./matching";
import type { Rule } from "./scenario";

/** What a real provider answered, with the request that it answered. */
export type Recording = {
  /** `openai/chat-basic` */
  name: string;
  request: { method: string; path: string; body: Record<string, unknown> };
  response: { status: number; headers: Record<string, string>; body: string };
};

const FOLDER = fileURLToPath(new URL("../../../../shared/recorded", import.meta.url));

/**
 * The recorded answers of the OpenAI dialect, from the folder beside the repository that holds them.
 * Empty where that folder is absent: the recordings are not part of this project.
 */
export function loadRecordings(folder = FOLDER): Recording[] {
  return [
    ...filesIn(folder, "openai").map(pairFrom),
    ...filesIn(folder, "openai-compatible").map(answerFrom),
  ];
}

/** Rules that replay each recording to a request that has at least its fields, whatever a gateway adds. */
export function replay(recordings: readonly Recording[]): Rule[] {
  return (
    recordings
      .map(({ request, response: { status, headers, body } }): Rule => {
        const isStream = headers["content-type"]?.startsWith("text/event-stream");
        // An event a write, as it came.
        const writes = isStream ? body.split(/(?<=\n\n)/) : body;
        return { ...request, scenario: { content: { kind: "raw", status, headers, body: writes } } };
      })
      // The one with more fields first: a plain request's fields are all in the same request streamed.
      .sort((a, b) => fieldCount(b) - fieldCount(a))
  );
}

const fieldCount = (rule: Rule) => Object.keys(rule.body ?? {}).length;

function filesIn(folder: string, dialect: string): { name: string; text: string }[] {
  const path = join(folder, dialect);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .sort()
    .map((file) => ({ name: join(dialect, file), text: readFileSync(join(path, file), "utf8") }));
}

/** `{request, response}` in one file. */
function pairFrom({ name, text }: { name: string; text: string }): Recording {
  const pair: Omit<Recording, "name"> = JSON.parse(text);
  return { name: name.replace(/\.json$/, ""), ...pair };
}

/** Only the answer was kept: a JSON body, or the raw text of a stream. The request is made to fit. */
function answerFrom({ name, text }: { name: string; text: string }): Recording {
  const stream = name.endsWith(".sse");
  const first: unknown = JSON.parse(stream ? text.slice("data: ".length, text.indexOf("\n")) : text);
  const model = isRecord(first) ? String(first.model) : "";
  const messages = [{ role: "user", content: basename(name) }];
  return {
    name: name.replace(/\.(json|sse)$/, ""),
    request: { method: "POST", path: "/v1/chat/completions", body: { model, messages, stream } },
    response: {
      status: 200,
      headers: { "content-type": stream ? "text/event-stream" : "application/json" },
      body: text,
    },
  };
}
