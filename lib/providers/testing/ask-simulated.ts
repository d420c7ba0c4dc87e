import { wireFor } from "#lib/providers/wire";
import { chatCall, wholeOf } from "./exchange-harness";
import { testTarget } from "./target";

/** What the simulated provider says to a body in a dialect. */
export async function askSimulated(dialect: string, body: object, settings: Record<string, unknown> = {}) {
  const target = testTarget({ type: "simulated", settings });
  const call = chatCall(target, { wire: wireFor(target, dialect), body: JSON.stringify(body) });
  const answer = await target.exchange?.(call);
  if (answer === undefined) throw new Error("a simulated provider has an exchange of its own");
  return await wholeOf(answer);
}

/** A question for which the simulated provider searches twice. */
export const ASKS_TWO_SEARCHES = "Search the web for tides\nSearch the web for lanterns";

/** The types of the parts of its message. */
export const TYPES_OF_TWO_SEARCHES = [
  "server_tool_use",
  "web_search_tool_result",
  "server_tool_use",
  "web_search_tool_result",
  "text",
];
