import type { Wire } from "#lib/providers/wire";
import { EMBEDDING_FORMATS } from "./embeddings/formats";
import { embeddingTranslation } from "./embeddings/translation";
import { CLIENTS, WIRES } from "./registry";
import { type Translation, translation } from "./translation";

type Target = { providerId: string; credentialId: string; upstreamModel: string; wires: readonly Wire[] };

/** How a target is reached from a dialect; without a translation, requests pass through. */
export type Lane = { dialect: string; wire: Wire; translation: Translation | null };

/**
 * All ways to a target: unchanged by each of its wires, and translated from each dialect for which it has none. Where it
 * speaks several that are translated to, each is a way, the best first: a request takes the first that can say it.
 */
export function lanesTo({ providerId, credentialId, upstreamModel, wires }: Target): readonly Lane[] {
  const direct = wires.map((wire): Lane => ({ dialect: wire.dialect, wire, translation: null }));
  const spoken = new Set(wires.map(({ dialect }) => dialect));
  const formats = WIRES.flatMap((format) => {
    const wire = wires.find(({ dialect }) => dialect === format.name);
    return wire === undefined ? [] : [{ format, wire }];
  });
  const translated = CLIENTS.filter(({ dialect }) => !spoken.has(dialect.name)).flatMap((client) =>
    formats.map(({ format, wire }): Lane => {
      const { outputLimitField, streamUsage } = wire;
      const where = { providerId, credentialId, upstreamModel, outputLimitField, streamUsage };
      return { dialect: client.dialect.name, wire, translation: translation(client, format, where) };
    }),
  );
  const embedding = wires.flatMap((wire): Lane[] => {
    const format = EMBEDDING_FORMATS.find(({ name }) => name === wire.dialect);
    if (format === undefined) return [];
    return [{ dialect: "embeddings", wire, translation: embeddingTranslation(format, upstreamModel) }];
  });
  return [...direct, ...translated, ...embedding];
}
