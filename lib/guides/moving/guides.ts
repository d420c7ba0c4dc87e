import { consumersGuide } from "./consumers";
import { edgeGuide } from "./edge";
import type { MovingGuide } from "./guide";
import { hashedKeysGuide } from "./hashed-keys";
import { keyFileGuide } from "./key-file";
import { litellmGuide } from "./litellm";
import { organizationsGuide } from "./organizations";

/** How to move in, by the gateway that people come from. */
export const MOVING_GUIDES: readonly MovingGuide[] = [
  litellmGuide,
  keyFileGuide,
  consumersGuide,
  organizationsGuide,
  edgeGuide,
  hashedKeysGuide,
];
