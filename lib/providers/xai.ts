import { hostOf, isWithin } from "./host-of";
import type { Target, Wire } from "./wire";

/** Also at a proxy, whose name for the model says where it goes. */
const XAI_MODEL = /^(?:xai|x-ai)\/|\/(?:xai|x-ai)\/|grok-/;

/** Whether xAI may serve a target: by its host, or by the model's name at a proxy. */
export const isOfXai = ({ baseUrl, upstreamModel }: Pick<Target, "baseUrl" | "upstreamModel">): boolean =>
  isWithin(hostOf(baseUrl), ["x.ai"]) || XAI_MODEL.test(upstreamModel.toLowerCase());

/**
 * Whether requests that violate the provider's guidelines cost a fee: "For violations that are caught before generation
 * in the Responses API, we will charge a $0.05 usage guideline violation fee per request" (docs.x.ai/developers/pricing).
 */
export const hasViolationFee = (
  target: Pick<Target, "baseUrl" | "upstreamModel">,
  { dialect }: Pick<Wire, "dialect">,
): boolean => dialect === "responses" && isOfXai(target);
