import { InvalidArgumentError } from "@commander-js/extra-typings";

/** A target as the CLI names it: `openai/gpt-5,weight=3,priority=1`. */
export type GivenTarget = {
  provider: string;
  upstreamModel: string | null;
  weight?: number;
  priority?: number;
};

const SETTING = /^(weight|priority)=(\d{1,4})$/;

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
    const [, name, number] = SETTING.exec(setting) ?? [];
    if (name === "weight") target.weight = Number(number);
    else if (name === "priority") target.priority = Number(number);
    else throw wrong();
  }
  return [...(before ?? []), target];
}

const wrong = () =>
  new InvalidArgumentError(
    "Must be a provider, like openai, openai/gpt-5 or openai/gpt-5,weight=3,priority=1.",
  );
