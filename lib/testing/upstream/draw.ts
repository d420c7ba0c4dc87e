import type { Asked } from "./chat-answer";
import type { Drawn, Scenario } from "./scenario";

/** Draws a number anew. */
export function draw(value: Drawn): number {
  if (typeof value === "number") return value;
  return value.least + Math.floor(Math.random() * (value.most - value.least + 1));
}

/**
 * The scenario of one request: its length is drawn, and ends where the request says it must. The same
 * object where nothing is left open, so that it is rendered once.
 */
export function drawnScenario(scenario: Scenario, asked: Asked): Scenario {
  const { content } = scenario;
  if (content.kind !== "chat" || content.chunks === undefined) return scenario;
  if (typeof content.chunks === "number" && !content.heedsLimit) return scenario;
  const wanted = draw(content.chunks);
  const most = content.heedsLimit ? (asked.maxTokens ?? wanted) : wanted;
  const finish = most < wanted ? "length" : content.finish;
  return { ...scenario, content: { ...content, chunks: Math.min(wanted, most), finish } };
}
