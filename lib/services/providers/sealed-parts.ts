import { z } from "zod";
import { type EncryptionKeys, openIfPossible, type SealedPlace } from "#lib/config/seal";
import { invalidField } from "#lib/http/errors";
import { headersOf } from "#lib/providers/open-provider";
import type { Seal } from "#lib/services/sealing";

/** How a change opens what is stored, and seals. */
export type Sealing = { keys: EncryptionKeys; seal: Seal };

type Settings = Readonly<Record<string, unknown>>;

/** Settings as they are stored: the values of headers are sealed apart. */
export type StoredSettings = { settings: Record<string, unknown>; headers: Buffer | null };

const Given = z.object({ headers: z.record(z.string(), z.string().nullable()).optional() });
const Values = z.record(z.string(), z.string());

/**
 * Seals the values of `settings.headers`; what stays are lower-case names with null. A null that is given keeps the
 * value that `before` has.
 * @throws ServiceError "invalid" for a null without a stored value
 */
export function sealSettings(
  given: Settings,
  { id, keys, seal, before }: Sealing & { id: string; before: Buffer | null },
): StoredSettings {
  const { headers } = Given.parse(given);
  // Sorted: a client sends them back in the order in which the database returns them.
  const names = Object.entries(headers ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  if (headers === undefined || names.length === 0) return { settings: { ...given }, headers: null };
  const stored =
    before === null ? {} : Values.parse(JSON.parse(openIfPossible(before, keys, headersOf(id)) ?? "{}"));
  const values = names.map(([name, value]) => {
    const kept = value ?? stored[name.toLowerCase()];
    if (kept === undefined) {
      throw invalidField(
        `settings.headers.${name}`,
        "Give the header's value: none is stored that could stay.",
      );
    }
    return [name.toLowerCase(), kept] as const;
  });
  const settings = { ...given, headers: Object.fromEntries(values.map(([name]) => [name, null])) };
  const text = JSON.stringify(Object.fromEntries(values));
  return { settings, headers: resealed(text, before, { keys, seal }, headersOf(id)) };
}

/** Whether a change leaves a header's value to what is stored. */
export function keepsHeaderValues(given: Settings | undefined, before: Buffer | null): boolean {
  if (before === null) return false;
  if (given === undefined) return true;
  return Object.values(Given.parse(given).headers ?? {}).includes(null);
}

/** Seals a text, unless that is what was sealed before. */
export function resealed(
  text: string,
  before: Buffer | null,
  { keys, seal }: Sealing,
  place: SealedPlace,
): Buffer {
  if (before !== null && openIfPossible(before, keys, place) === text) return before;
  return seal(text, place);
}
