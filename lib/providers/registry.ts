import type { Dispatcher } from "undici";
import type { Lane, Target } from "./lane";
import { openAiLane } from "./openai-lane";
import { simulatedLane } from "./simulated-lane";

type ServedType = Target["providerType"];

/** The base URL of a type whose providers need not name one; empty where they must. A new type is a line here. */
const DEFAULT_BASE_URL: Record<ServedType, string> = {
  openai: "https://api.openai.com/v1",
  "openai-compatible": "",
  simulated: "",
};

/** Finds the lane of a target. */
export type Lanes = (target: Target) => Lane;

/** The lanes to every type of provider, over one agent. */
export function lanesOver(agent: Dispatcher): Lanes {
  const passThrough = openAiLane(agent);
  const lanes: Record<ServedType, Lane> = {
    openai: passThrough,
    "openai-compatible": passThrough,
    simulated: simulatedLane,
  };
  return (target) => lanes[target.providerType];
}

/** The types of provider that this version serves. */
export const SERVED_TYPES: readonly string[] = Object.keys(DEFAULT_BASE_URL);

export function isServedType(type: string): type is ServedType {
  return Object.hasOwn(DEFAULT_BASE_URL, type);
}

export function defaultBaseUrl(type: ServedType): string {
  return DEFAULT_BASE_URL[type];
}
