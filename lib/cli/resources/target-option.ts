import { InvalidArgumentError } from "@commander-js/extra-typings";

/** What a target may have besides, as the API names it. */
const SETTINGS = [
  "weight",
  "priority",
  "connect_timeout_ms",
  "timeout_ms",
  "idle_timeout_ms",
  "max_concurrent",
  "requests_per_minute",
  "tokens_per_minute",
  "context_window",
] as const;
type Setting = (typeof SETTINGS)[number];

/** A target as the CLI names it: `openai/gpt-5,weight=3,timeout_ms=5000`. */
export type GivenTarget = { provider: string; upstreamModel: string | null } & Partial<
  Record<Setting, number>
>;

const SETTING = /^(\w+)=(\d{1,10})$/;

/**
 * A provider, the model's name there if that is different, and how it is chosen. May be given several times.
 * @throws InvalidArgumentError
 */
export function targetValues(text: string, before: GivenTarget[] | undefined): GivenTarget[] {
  const [place = "", ...settings] = text.split(",");
  const slash = place.indexOf("/");
  const provider = slash < 0 ? place : place.slice(0, slash);
  const upstreamModel = slash < 0 ? null : place.slice(slash + 1);
  if (provider === "" || upstreamModel === "") throw wrong();
  const target: GivenTarget = { provider, upstreamModel };
  for (const setting of settings) {
    const [, given, number] = SETTING.exec(setting) ?? [];
    const name = SETTINGS.find((each) => each === given);
    if (name === undefined) throw wrong();
    target[name] = Number(number);
  }
  return [...(before ?? []), target];
}

const wrong = () =>
  new InvalidArgumentError(
    `Must be a provider, like openai, openai/gpt-5 or openai/gpt-5,weight=3,timeout_ms=5000. It may have: ${SETTINGS.join(", ")}.`,
  );
