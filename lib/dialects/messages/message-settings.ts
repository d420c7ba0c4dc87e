import { unsupported } from "#lib/dialects/bounds/param-of";
import { readLimits } from "#lib/dialects/bounds/read-limits";
import { invalidField, invalidIssue } from "#lib/dialects/errors/invalid-field";
import { isObject, type JsonObject, topLevelFields } from "#lib/dialects/text/json-fields";
import { IN_PLAIN_WORDS } from "#lib/http/plain-words";
import { isJudgedField, OutputConfig } from "./fields";

const IN_BODY = "it belongs in the body itself, where it is read and priced.";

/**
 * Checks the settings of single messages, as Claude Code sends them for the turns that follow, by the rules for those of
 * the body. An effort changes nothing that is held; with anything else, nothing bounds their message (view.ts).
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export function checkMessageSettings(messages: readonly JsonObject[]): void {
  for (const [at, { output_config: config }] of messages.entries()) {
    if (config === undefined || config === null) continue;
    const param = `messages[${at}].output_config`;
    if (!isObject(config)) throw invalidField(param, "must be an object");
    const parsed = OutputConfig.safeParse(config, IN_PLAIN_WORDS);
    if (!parsed.success) throw invalidIssue(parsed.error.issues[0], param);
    if (!isEffort(config)) checkLimits(param, config);
  }
}

/** Whether settings have nothing but an effort. */
export const isEffort = (config: unknown): boolean =>
  isObject(config) && Object.keys(config).every((name) => name === "effort");

function checkLimits(param: string, config: JsonObject): void {
  const json = JSON.stringify({ [param]: config });
  const isOwn = () => true;
  const { outputBounds, predictedTexts, reasoning } = readLimits(
    json,
    topLevelFields(json),
    isOwn,
    isJudgedField,
  );
  const [bound] = outputBounds.paths;
  if (bound !== undefined) throw unsupported(bound, IN_BODY);
  if (predictedTexts.length > 0 || reasoning.budgetTokens > 0) throw unsupported(param, IN_BODY);
}
