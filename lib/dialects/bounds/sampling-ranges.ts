import { z } from "zod";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { listOf } from "./list-of";

const number = z.number().nullish();

/** How OpenAI's endpoints with choices sample, and what is noted of a request. */
export const samplingFields = {
  temperature: number,
  top_p: number,
  presence_penalty: number,
  frequency_penalty: number,
  seed: number,
  stop: z.union([z.string(), listOf(z.string())]).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  user: z.string().nullish(),
} as const;

const RANGES = [
  ["temperature", 0, 2],
  ["top_p", 0, 1],
  ["presence_penalty", -2, 2],
  ["frequency_penalty", -2, 2],
] as const;

type Sampling = Readonly<Partial<Record<(typeof RANGES)[number][0], number | null>>>;

/**
 * Checks what OpenAI's endpoints with choices say about sampling.
 * @throws ApiError invalid_request, with the field in `param`
 */
export function checkSampling(fields: Sampling): void {
  for (const [field, least, most] of RANGES) {
    const value = fields[field] ?? least;
    if (value < least || value > most) throw invalidField(field, `must be from ${least} to ${most}`);
  }
}
