import type { Fact } from "#components/ui/facts";
import type { Metadata } from "#lib/services/metadata";

/** The metadata of an entity or a request, a line for each pair; nothing without any. */
export function metadataFacts(metadata: Metadata): Fact[] {
  const pairs = Object.entries(metadata).toSorted(([a], [b]) => a.localeCompare(b));
  if (pairs.length === 0) return [];
  return [
    {
      label: "Metadata",
      value: pairs.map(([name, value]) => (
        <span key={name} className="block break-all">
          <span className="text-ink-3 text-xs">{name}:</span> {value}
        </span>
      )),
    },
  ];
}
