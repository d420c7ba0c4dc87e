import { hostOf, isWithin } from "#lib/providers/host-of";
import type { Target } from "#lib/providers/wire";
import type { ProviderError } from "./error-body";

/**
 * What an error bills that does not say so: nothing, the input, besides it the output that can have been generated
 * by now, all that the request may generate, or that or a fee for its violation of guidelines.
 */
export type Billed = "nothing" | "input" | "output_so_far" | "whole_bound" | "violation";

type Failure = {
  status: number | null;
  error: ProviderError | null;
  /** The body, or what of a body reports the error: proxies put the cause into their own words. */
  text: string;
};

/** Azure's hosts. */
const AZURE_HOSTS = ["openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com"];
/** How proxies in front of Azure name its models, or quote it. */
const AZURE_MODEL = /^azure(?:_ai)?\//;
const AZURE_WORDS = /AzureException|AzureOpenAI|"inner_?error\\?"/i;
const FILTERED =
  /"(?:content_filter|ResponsibleAIPolicyViolation)\\?"|\bAzure(?: OpenAI)?'s content management policy/i;
const INVALID_PROMPT = /\binvalid_prompt\b|\bprompt was flagged as potentially violating our usage policy/i;
const TOO_LONG =
  /context_length_exceeded|maximum context length|tokens exceed the configured limit|ContextWindowExceeded|exceeds? (?:the|this model's) (?:maximum )?(?:context|input)/i;
const INVALID_OUTPUT =
  /\b(?:invalid_model|malformed)_output\b|\bmodel (?:has )?(?:generated|produced|returned) (?:an? )?(?:invalid|malformed)\b/i;
const XAI_VIOLATION = /content violates usage guidelines|SAFETY_CHECK_TYPE/i;

/**
 * The errors that providers bill, the first that fits:
 * 1. Azure charges for what its content filter stops: the prompt, and "due to the asynchronous nature of the content
 *    filtering system" the completion (learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter). Only
 *    Azure has that code, also behind a proxy. Azure passes on what OpenAI's own check of prompts to reasoning models
 *    stops (`invalid_prompt`), which by the next rule is processing.
 * 2. "If the service performs processing, you're charged even if the status code isn't successful (not 200). For
 *    example, a 400 error due to a content filter or input limit" (learn.microsoft.com/azure/ai-services/openai/
 *    how-to/manage-costs). No other provider is known to charge for an input that is too long.
 * 3. "Failed to create completion as the model generated invalid Unicode output" (Azure OpenAI's FAQ): there was a
 *    completion, which was processing. A client causes it by a high temperature. So it is where Google or Bedrock says
 *    that a call is malformed (lib/translation/wires/invalid-output.ts).
 * 4. xAI: "When your request is deemed to be in violation of our usage guideline by our system, we will still charge
 *    for the generation of the request", or a fee (docs.x.ai/developers/pricing; lib/providers/xai.ts).
 */
const BILLED: readonly { bills: Billed; fits: (failure: Failure, target: Target) => boolean }[] = [
  {
    bills: "output_so_far",
    fits: ({ error, text }, target) =>
      error?.code === "content_filter" ||
      FILTERED.test(wordsOf(error, text)) ||
      (INVALID_PROMPT.test(wordsOf(error, text)) && isAzure(target, text)),
  },
  {
    bills: "input",
    fits: ({ error, text }, target) => TOO_LONG.test(wordsOf(error, text)) && isAzure(target, text),
  },
  {
    bills: "whole_bound",
    fits: saying(INVALID_OUTPUT, (status) => status >= 500),
  },
  {
    bills: "violation",
    fits: saying(XAI_VIOLATION, (status) => status < 500),
  },
];

/** What a provider bills for a request that it answers with an error, if it does not report it. */
export const billedByError = (failure: Failure, target: Target): Billed =>
  BILLED.find(({ fits }) => fits(failure, target))?.bills ?? "nothing";

/** Errors with these words, within a 200 or with a status that fits. */
function saying(words: RegExp, isStatus: (status: number) => boolean) {
  return ({ status, error, text }: Failure) =>
    (status === null || isStatus(status)) && words.test(wordsOf(error, text));
}

const wordsOf = (error: ProviderError | null, text: string): string =>
  `${error?.code ?? ""} ${error?.message ?? ""} ${text}`;

function isAzure({ baseUrl, upstreamModel }: Target, text: string): boolean {
  if (AZURE_MODEL.test(upstreamModel) || AZURE_WORDS.test(text)) return true;
  return isWithin(hostOf(baseUrl), AZURE_HOSTS);
}
