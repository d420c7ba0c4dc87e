import type { Asked, Drawn, Scenario } from "./scenario";

/** Draws a number. */
export function draw(value: Drawn): number {
  if (typeof value === "number") return value;
  return value.least + Math.floor(Math.random() * (value.most - value.least + 1));
}

/**
 * The scenario of one request, with its length drawn and cut at the request's limit. A fixed scenario is returned
 * as it is, so that it is rendered once.
 */
export function drawnScenario(scenario: Scenario, asked: Asked): Scenario {
  const { content } = scenario;
  if (content.kind !== "chat" || content.chunks === undefined) return scenario;
  if (typeof content.chunks === "number" && !content.respectsLimit) return scenario;
  const wanted = draw(content.chunks);
  const most = content.respectsLimit ? (asked.maxTokens ?? wanted) : wanted;
  const finish = most < wanted ? "length" : content.finish;
  return { ...scenario, content: { ...content, chunks: Math.min(wanted, most), finish } };
}
