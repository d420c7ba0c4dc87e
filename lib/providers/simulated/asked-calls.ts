import { z } from "zod";

/** A call of one of the client's tools. */
export type ToolCall = { name: string; argumentsJson: string };

/**
 * What asks the simulated provider to call a tool, on a line of its own in what the user says last:
 * `Call the tool exec_command with {"cmd":"ls"}`. So people can try their tools, and clients, without a model.
 */
const ASKED = /^Call the tool ([\w.-]+) with (\{.*\})[ \r]*$/gm;
const MOST_CALLS = 16;

/**
 * The calls that the last thing said in a conversation asks for, of the tools that are offered. What a system prompt
 * adds after it does not count; the result of a tool asks for nothing.
 * @param said the messages, or the items of an input, in any of the dialects
 */
export function askedCalls(said: readonly unknown[], offered: ReadonlySet<string>): readonly ToolCall[] {
  if (offered.size === 0) return [];
  return lastSaid(said)
    .flatMap((text) => [...text.matchAll(ASKED)])
    .flatMap(([, name = "", argumentsJson = ""]) =>
      offered.has(name) && isJson(argumentsJson) ? [{ name, argumentsJson }] : [],
    )
    .slice(0, MOST_CALLS);
}

/** The texts of the last thing said, if a user has said it and it is no result of a tool. */
export function lastSaid(said: readonly unknown[]): readonly string[] {
  const last = said.map((message) => Said.safeParse(message).data).findLast(isNoInstruction);
  if (last?.role !== "user") return [];
  const parts = typeof last.content === "string" ? [{ type: "text", text: last.content }] : last.content;
  if (parts.some(({ type }) => type === "tool_result")) return [];
  return parts.map(({ text }) => text ?? "");
}

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });
/** A message; the result of a tool may have no role. */
const Said = z.looseObject({
  role: z.string().default("tool"),
  content: z.union([z.string(), z.array(Part)]).catch([]),
});

const isNoInstruction = (message: z.output<typeof Said> | undefined) =>
  message !== undefined && message.role !== "system" && message.role !== "developer";

const Named = z.looseObject({ name: z.string() });
const Tool = z.looseObject({ type: z.string().optional(), function: z.unknown() });

/**
 * The names of the functions among the tools of a request.
 * @param type what the dialect calls such a tool
 */
export function namesOf(tools: readonly unknown[], type: "function" | "custom"): ReadonlySet<string> {
  const names = tools.flatMap((given) => {
    const tool = Tool.safeParse(given).data;
    const named = Named.safeParse(tool?.function ?? given).data;
    const isFunction = tool?.type === undefined || tool.type === type;
    return isFunction && named !== undefined ? [named.name] : [];
  });
  return new Set(names);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
