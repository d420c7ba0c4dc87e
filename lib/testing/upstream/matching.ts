import { isObject } from "#lib/dialects/text/json-fields";
import { embeddings, type Rule, type Scenario, scenariosByModel } from "./scenario";

type Request = { method: string; path: string; body: unknown };

/** A closed model, to whose prompt no template adds anything. */
const MAKER = /^claude-/;

const instant: Scenario = { content: { kind: "chat" } };

/**
 * Creates the function that picks a request's scenario: that of the first matching rule, else that of the model's name,
 * else an instant answer. Undefined for a path that is not served.
 */
export function scenarioPicker(rules: readonly Rule[]): (request: Request) => Scenario | undefined {
  const turns = new Map<Rule, number>();
  return (request) => {
    const rule = rules.find((candidate) => matches(candidate, request));
    if (!rule) return byModel(request);
    const scenarios = [rule.scenario].flat();
    const turn = turns.get(rule) ?? 0;
    turns.set(rule, turn + 1);
    return scenarios[Math.min(turn, scenarios.length - 1)];
  };
}

function byModel(request: Request): Scenario | undefined {
  if (request.method !== "POST") return undefined;
  if (request.path === "/v1/embeddings") return embeddings;
  if (request.path !== "/v1/chat/completions") return undefined;
  const name = modelOf(request.body) ?? "";
  return scenariosByModel[name] ?? scenariosByModel[name.replace(MAKER, "")] ?? instant;
}

function matches(rule: Rule, request: Request): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false;
  if (rule.path !== undefined && rule.path !== request.path) return false;
  if (rule.model !== undefined && rule.model !== modelOf(request.body)) return false;
  return rule.body === undefined || isWithin(rule.body, request.body);
}

/** Whether `whole` has everything in `part` with the same value; arrays must have the same length. */
export function isWithin(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole) || part.length !== whole.length) return false;
    return part.every((value, at) => isWithin(value, whole[at]));
  }
  if (isObject(part)) {
    return isObject(whole) && Object.entries(part).every(([name, value]) => isWithin(value, whole[name]));
  }
  return part === whole;
}

export function modelOf(body: unknown): string | undefined {
  return isObject(body) && typeof body.model === "string" ? body.model : undefined;
}
