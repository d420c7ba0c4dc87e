import { costPicoUsd } from "#lib/credit/prices/price";
import type { Media } from "#lib/dialects/media/media";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage } from "./estimate";
import { readsAnyUrl } from "./media-tokens";

/** What tells of sound. */
export type Sounding = Pick<
  Media,
  "mostAudioSeconds" | "hasUnmeasuredSound" | "mayHaveSound" | "fetchedImageParam"
>;

/** Whether there is a recording, however long. */
export const hasSound = ({
  mostAudioSeconds,
  hasUnmeasuredSound,
}: Pick<Media, "mostAudioSeconds" | "hasUnmeasuredSound">): boolean =>
  mostAudioSeconds > 0 || hasUnmeasuredSound;

/** Whether a model may hear something: a recording, or what may be one or a film. */
export const mayHear = (media: Sounding, upstreamModel: string): boolean =>
  hasSound(media) || media.mayHaveSound || (media.fetchedImageParam !== null && readsAnyUrl(upstreamModel));

/** Of input tokens that may all be sound, those that are charged as sound: none if text costs more. */
export function dearerAsSound(inputTokens: number, { rates }: Pick<Route, "rates">): number {
  const text = estimatedUsage(inputTokens, 0);
  const sound = { ...text, inputAudioTokens: inputTokens };
  return costPicoUsd(sound, rates) >= costPicoUsd(text, rates) ? inputTokens : 0;
}
